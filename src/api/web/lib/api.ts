// Requests to the REST API, with the token of this tab.
import { signal } from '@preact/signals';

// One fault of a body: where it is, and what would be right.
export interface Fault {
    pointer?: string; // into the JSON body
    row?: number; // of a table
    column?: string;
    code: string;
    detail: string;
}

// A request that was refused (RFC 9457), or that got no answer (status 0).
export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly title: string,
        detail: string,
        readonly errors: Fault[] = [],
        readonly retryAfterS = 0,
        readonly leader = '', // the URL of the gateway that would not refuse it
    ) {
        super(detail);
    }
}

export interface Answer<Body> {
    body: Body;
    etag: string | null;
    status: number;
    headers: Headers;
}

export interface RequestOptions {
    query?: Record<string, string | number | boolean | string[] | undefined | null>;
    body?: unknown; // sent as JSON, or as it is: a text or a Blob
    type?: string; // Content-Type; application/json
    accept?: string; // Accept; application/json. The body of another type is a text
    ifMatch?: string | null;
    signal?: AbortSignal | null;
    withAnyToken?: boolean; // also while another token is needed: to find out whether this one is accepted
}

const TOKEN_KEY = 'tagferry-token';
export const BASE = 'api/v1';

// True for a text that a header can carry.
export function isToken(text: string): boolean {
    return /^[\x21-\x7e]+$/.test(text);
}

// True for the statuses of a token that is not accepted: 429 after several wrong ones. A good one never gets it.
export function isTokenRefused(status: number): boolean {
    return status === 401 || status === 429;
}

function readStoredToken(): string {
    try {
        const text = sessionStorage.getItem(TOKEN_KEY) ?? '';
        return isToken(text) ? text : '';
    } catch {
        return ''; // storage is blocked: the token lasts until the page is left
    }
}

// The access token, kept for this tab; empty without one.
export const token = signal(readStoredToken());
// True after an answer that asks for a token: the page shows the sign-in.
export const needsToken = signal(false);

export function setToken(text: string): void {
    token.value = text;
    try {
        if (text) sessionStorage.setItem(TOKEN_KEY, text);
        else sessionStorage.removeItem(TOKEN_KEY);
    } catch {
        // see above
    }
}

// The path of a resource: each part is encoded.
export function pathOf(...parts: (string | number)[]): string {
    return [BASE, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

export function devicePath(device: string, ...parts: string[]): string {
    return pathOf('devices', device, ...parts);
}

export function tagPath(device: string, tag: string, ...parts: string[]): string {
    return pathOf('devices', device, 'tags', tag, ...parts);
}

function queryText(query: RequestOptions['query']): string {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
        if (value === undefined || value === null) continue;
        for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
    }
    const text = params.toString();
    return text && `?${text}`;
}

// What a refusal says, in the words of the server.
export async function readProblem(answer: Response): Promise<Problem> {
    let detail = `The server answered ${answer.status} ${answer.statusText}.`;
    let title = answer.statusText;
    let errors: Fault[] = [];
    let leader = '';
    try {
        const body = await answer.json();
        if (typeof body.detail === 'string') detail = body.detail;
        if (typeof body.title === 'string') title = body.title;
        if (Array.isArray(body.errors)) errors = body.errors;
        if (typeof body.leader === 'string') leader = body.leader;
    } catch {
        // not a problem document: the status says enough
    }
    return new Problem(answer.status, title, detail, errors, Number(answer.headers.get('Retry-After')) || 0, leader);
}

// Sends a request whose answer may be of any status. Throws a Problem of status 0 if nobody answers, and of
// status 401 at once while another token is needed: repeating the old one would count as guessing.
export async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    if (needsToken.value && !options.withAnyToken) throw new Problem(401, 'Unauthorized', 'The access token is not accepted any more: sign in again.');
    const used = token.value;
    const headers = new Headers({ Accept: options.accept ?? 'application/json' });
    if (used) headers.set('Authorization', `Bearer ${used}`);
    if (method !== 'GET') headers.set('X-Requested-With', 'tagferry');
    if (options.ifMatch) headers.set('If-Match', options.ifMatch);
    let body: BodyInit | undefined;
    if (options.body !== undefined) {
        headers.set('Content-Type', options.type ?? 'application/json');
        body = typeof options.body === 'string' || options.body instanceof Blob ? options.body : JSON.stringify(options.body);
    }
    try {
        const answer = await fetch(path + queryText(options.query), {
            method,
            headers,
            body,
            signal: options.signal ?? null,
            cache: 'no-cache',
            credentials: 'same-origin',
        });
        if (isTokenRefused(answer.status) && used === token.value && !options.withAnyToken) needsToken.value = true;
        return answer;
    } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') throw error;
        throw new Problem(0, 'No answer', 'tagferry-api does not answer. Is it running (on the gateway: systemctl status tagferry-api), and is the network up?');
    }
}

// Sends a request; throws a Problem if it is refused.
export async function request<Body>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<Body>> {
    const answer = await send(method, path, options);
    if (!answer.ok) throw await readProblem(answer);
    const text = await answer.text();
    const json = (answer.headers.get('Content-Type') ?? '').includes('json');
    return {
        body: (text && json ? JSON.parse(text) : text) as Body,
        etag: answer.headers.get('ETag'),
        status: answer.status,
        headers: answer.headers,
    };
}

export async function get<Body>(path: string, options: RequestOptions = {}): Promise<Body> {
    return (await request<Body>('GET', path, options)).body;
}

export interface Page<Item> {
    items: Item[];
    total: number;
    next: string | null;
}

// Reads all pages of a list, up to `most` items.
export async function getAll<Item>(path: string, query: RequestOptions['query'] = {}, most = Infinity): Promise<Item[]> {
    const items: Item[] = [];
    let after: string | undefined;
    for (;;) {
        const page: Page<Item> = await get(path, { query: { limit: 1000, ...query, after } });
        items.push(...page.items);
        if (!page.next || items.length >= most) return items;
        after = page.next;
    }
}

// Saves what a path answers as a file, under the name that the server gives it, or else `name`.
export async function saveFile(path: string, options: RequestOptions = {}, name = path.split('/').pop()!): Promise<void> {
    const answer = await send('GET', path, { accept: '*/*', ...options });
    if (!answer.ok) throw await readProblem(answer);
    const named = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = named?.[1] ?? name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
