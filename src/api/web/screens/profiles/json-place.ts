// Where the member of a JSON Pointer is in a JSON text, to show the server's faults at their place.
import { tokensOf } from '../devices/record';

export interface TextPlace {
    start: number;
    end: number;
}

// Walks through a JSON text that JSON.parse accepts.
class Walker {
    at = 0;

    constructor(readonly text: string) {}

    skipBlanks(): void {
        while (/\s/.test(this.text[this.at] ?? '')) this.at++;
    }

    readString(): string {
        const start = this.at++;
        while (this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1;
        this.at++;
        return JSON.parse(this.text.slice(start, this.at)) as string;
    }

    // Goes over a value. With tokens it returns the place of the value that they name, or of the
    // innermost one around it that is there.
    find(tokens: string[]): TextPlace {
        this.skipBlanks();
        const start = this.at;
        const first = this.text[this.at];
        let inner: TextPlace | null = null;
        if (first === '{' || first === '[') inner = this.findInside(first, tokens);
        else if (first === '"') this.readString();
        else while (this.at < this.text.length && !/[\s,\]}]/.test(this.text[this.at]!)) this.at++;
        return inner ?? { start, end: this.at };
    }

    private findInside(bracket: string, tokens: string[]): TextPlace | null {
        const [wanted, ...rest] = tokens;
        let found: TextPlace | null = null;
        this.at++;
        for (let index = 0; ; index++) {
            this.skipBlanks();
            if (this.text[this.at] === '}' || this.text[this.at] === ']') break;
            const name = bracket === '{' ? this.readString() : String(index);
            this.skipBlanks();
            if (bracket === '{') this.at++; // the colon
            const place = this.find(name === wanted ? rest : []);
            if (name === wanted) found = place;
            this.skipBlanks();
            if (this.text[this.at] === ',') this.at++;
        }
        this.at++;
        return found;
    }
}

export function placeOf(text: string, pointer: string): TextPlace | null {
    try {
        JSON.parse(text);
    } catch {
        return null;
    }
    return new Walker(text).find(tokensOf(pointer));
}

export function lineOf(text: string, offset: number): number {
    return text.slice(0, offset).split('\n').length;
}

// The fault of a text that is not JSON, in words, with its line if the browser says where it is.
export function syntaxFault(text: string): { detail: string; place: TextPlace | null } | null {
    try {
        JSON.parse(text);
        return null;
    } catch (error) {
        const message = (error as Error).message;
        const found = /position (\d+)/.exec(message);
        const offset = found ? Number(found[1]) : /end of/i.test(message) ? text.length : null;
        return {
            detail: offset === null ? message : `Line ${lineOf(text, offset)}: this is not JSON. ${message}`,
            place: offset === null ? null : { start: Math.max(0, offset - 1), end: offset + 1 },
        };
    }
}
