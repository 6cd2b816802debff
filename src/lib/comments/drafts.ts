/** What somebody began to write and has not sent, kept on this machine until it is. */
export const drafts = {
	read(key: string): string {
		try {
			return localStorage.getItem(key) ?? '';
		} catch {
			return '';
		}
	},
	keep(key: string, text: string): void {
		try {
			if (text.trim() === '') localStorage.removeItem(key);
			else localStorage.setItem(key, text);
		} catch {
			// A browser that keeps nothing: the draft lives as long as the page.
		}
	}
};
