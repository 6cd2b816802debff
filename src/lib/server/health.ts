/** Whether a part of the space works, and if not, why, in a sentence for the administrator. */
export type PartState = { readonly ok: true } | { readonly ok: false; readonly reason: string };
