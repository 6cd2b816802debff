/** Every way in which a verb says no; `status` and `key` are the one table to HTTP and to words. */
export class AppError extends Error {
	readonly status: number;
	/** Message key of the sentence that a person reads. */
	readonly key: string;
	readonly detail: Readonly<Record<string, unknown>>;

	constructor(status: number, key: string, detail: Record<string, unknown> = {}) {
		super(key);
		this.name = new.target.name;
		this.status = status;
		this.key = key;
		this.detail = detail;
	}
}

/** Missing, or not the asker's to know about: both answer alike. */
export class NotFound extends AppError {
	constructor(key = 'error.notFound') {
		super(404, key);
	}
}
export class SignedOut extends AppError {
	constructor(key = 'error.signedOut') {
		super(401, key);
	}
}
export class Forbidden extends AppError {
	constructor(key = 'error.forbidden', detail: Record<string, unknown> = {}) {
		super(403, key, detail);
	}
}
export class Invalid extends AppError {
	constructor(key = 'error.invalid', detail: Record<string, unknown> = {}) {
		super(422, key, detail);
	}
}
export class Conflict extends AppError {
	constructor(key = 'error.conflict', detail: Record<string, unknown> = {}) {
		super(409, key, detail);
	}
}
export class LimitReached extends AppError {
	constructor(key = 'error.limitReached', detail: Record<string, unknown> = {}) {
		super(429, key, detail);
	}
}
/** A part of the space does not answer; the rest works. */
export class Unavailable extends AppError {
	constructor(key = 'error.unavailable', detail: Record<string, unknown> = {}) {
		super(503, key, detail);
	}
}

/** Whether something thrown is one of ours, also when it was thrown by another copy of this module. */
export const isAppError = (thrown: unknown): thrown is AppError =>
	thrown instanceof Error && 'status' in thrown && 'key' in thrown && typeof thrown.key === 'string';
