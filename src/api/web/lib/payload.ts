// Payloads of messages for people: indented, also if they are cut or broken, with one part marked.

export interface Mark {
    from: number; // of the payload, in characters
    to: number;
}

export interface PayloadPart {
    text: string;
    marked: boolean;
}

// The characters that begin at or before each byte: a fault is told as the number of a byte.
export function charAtByte(text: string, byte: number): number {
    let bytes = 0;
    for (let at = 0; at < text.length; ) {
        const code = text.codePointAt(at)!;
        bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        if (bytes > byte) return at;
        at += code < 0x10000 ? 1 : 2;
    }
    return text.length;
}

// The word at which a text is wrong; null if the text that is kept ends before it.
export function markFault(text: string, byte: number): Mark | null {
    const from = charAtByte(text, byte);
    if (from >= text.length) return null;
    const word = /^[^\s,:{}[\]"]+/.exec(text.slice(from))?.[0].length ?? 1;
    return { from, to: from + Math.max(1, word) };
}

export function byteLength(text: string): number {
    return new TextEncoder().encode(text).length;
}

function endOfString(text: string, from: number): number {
    let at = from + 1;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    return Math.min(at + 1, text.length);
}

export interface PayloadValue {
    path: string[]; // keys and numbers of elements
    from: number; // of the key, or of the element
    to: number; // behind the value
    text: string; // of the value
}

// Lists the values of a JSON text with their places, as far as the text goes.
export function listValues(text: string): PayloadValue[] {
    const values: PayloadValue[] = [];
    const open: { keys: boolean; count: number; value: PayloadValue }[] = [];
    let key: { name: string; from: number } | null = null;
    const begin = (at: number): PayloadValue => {
        const outer = open[open.length - 1];
        const step = outer ? [outer.keys ? (key?.name ?? '') : String(outer.count)] : [];
        const value = { path: [...(outer?.value.path ?? []), ...step], from: key?.from ?? at, to: text.length, text: text.slice(at) };
        key = null;
        values.push(value);
        return value;
    };
    const end = (value: PayloadValue, at: number) => {
        value.text = value.text.slice(0, value.text.length - (text.length - at));
        value.to = at;
    };
    for (let at = 0; at < text.length && values.length < 2000; ) {
        const sign = text[at]!;
        const outer = open[open.length - 1];
        if (sign === '{' || sign === '[') {
            open.push({ keys: sign === '{', count: 0, value: begin(at) });
            at++;
        } else if (sign === '}' || sign === ']') {
            at++;
            const closed = open.pop();
            if (closed) end(closed.value, at);
        } else if (sign === ',') {
            if (outer) outer.count++;
            at++;
        } else if (sign === '"') {
            const after = endOfString(text, at);
            if (outer?.keys && key === null && /^\s*:/.test(text.slice(after, after + 20))) {
                let name = text.slice(at + 1, after - 1);
                try {
                    name = JSON.parse(text.slice(at, after)) as string;
                } catch {
                    // a wrong escape: the key as it is written
                }
                key = { name, from: at };
            } else {
                end(begin(at), after);
            }
            at = after;
        } else if (/[\s:]/.test(sign)) {
            at++;
        } else {
            let after = at;
            while (after < text.length && !/[\s,:{}[\]"]/.test(text[after]!)) after++;
            end(begin(at), after);
            at = after;
        }
    }
    return values;
}

// Where the value of a tag is: `key` is a member's name, a JSON Pointer, or "" for the whole payload. A
// pointer with a selection (/id=5) is found by its last part.
export function findKey(text: string, key: string): PayloadValue | null {
    const values = listValues(text);
    if (key === '') return values[0] ?? null;
    const path = key.startsWith('/') ? key.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')) : [key];
    const exact = values.find((value) => value.path.length === path.length && value.path.every((step, index) => step === path[index]));
    if (exact || !path.some((part) => part.includes('=') || /^-\d+$/.test(part))) return exact ?? null;
    return values.find((value) => value.path[value.path.length - 1] === path[path.length - 1]) ?? null;
}

// The text with line breaks and indents where JSON has none, in parts: at most one is marked.
export function prettyParts(text: string, mark: Mark | null): PayloadPart[] {
    const parts: PayloadPart[] = [];
    const add = (piece: string, at: number) => {
        const marked = mark !== null && at >= mark.from && at < mark.to;
        const last = parts[parts.length - 1];
        if (last && last.marked === marked) last.text += piece;
        else parts.push({ text: piece, marked });
    };
    const isJson = /^\s*[{[]/.test(text);
    let depth = 0;
    let fresh = false; // a line has just begun: blanks of the text are left out
    const breakLine = (at: number) => {
        add('\n' + '  '.repeat(Math.max(0, depth)), at);
        fresh = true;
    };
    for (let at = 0; at < text.length; ) {
        const sign = text[at]!;
        if (isJson && /\s/.test(sign) && !(mark && at >= mark.from && at < mark.to)) {
            if (!fresh && /[:,]/.test(text[at - 1] ?? '')) add(' ', at);
            at++;
            continue;
        }
        if (isJson && sign === '"') {
            const after = endOfString(text, at);
            for (let i = at; i < after; i++) add(text[i]!, i);
            at = after;
            fresh = false;
            continue;
        }
        const isEmpty = /^[{[]\s*[}\]]/.test(text.slice(at, at + 40));
        if (isJson && (sign === '}' || sign === ']')) {
            depth--;
            if (!/[{[]\s*$/.test(text.slice(Math.max(0, at - 40), at))) breakLine(-1);
        }
        add(sign, at);
        fresh = false;
        if (isJson && (sign === '{' || sign === '[')) {
            depth++;
            if (!isEmpty) breakLine(-1);
        } else if (isJson && sign === ',') {
            breakLine(-1);
        } else if (isJson && sign === ':' && !/\s/.test(text[at + 1] ?? ' ')) {
            add(' ', at);
        }
        at++;
    }
    return parts;
}

// Rows of 16 bytes: offset, bytes, and the characters that are letters of ASCII. One byte may be marked.
export function hexParts(hex: string, wrong: number | null): PayloadPart[] {
    const bytes = hex.match(/../g) ?? [];
    const parts: PayloadPart[] = [{ text: '', marked: false }];
    const add = (text: string) => (parts[parts.length - 1]!.text += text);
    for (let at = 0; at < bytes.length; at += 16) {
        const some = bytes.slice(at, at + 16);
        const letters = some.map((byte) => (/^[2-6][0-9a-f]$|^7[0-9a-e]$/.test(byte) ? String.fromCharCode(parseInt(byte, 16)) : '·')).join('');
        const row = some.join(' ').padEnd(47);
        add(`${at ? '\n' : ''}${at.toString(16).padStart(4, '0')}  `);
        if (wrong !== null && wrong >= at && wrong < at + some.length) {
            const from = 3 * (wrong - at);
            add(row.slice(0, from));
            parts.push({ text: row.slice(from, from + 2), marked: true }, { text: row.slice(from + 2), marked: false });
        } else {
            add(row);
        }
        add(`  ${letters}`);
    }
    return parts;
}
