// What registers mean: the values of every type in every byte order.

export const byteOrders = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export type ByteOrder = (typeof byteOrders)[number];

// The orders of 64 bits that have no name of four letters.
export const wideOrders = ['CDABGHEF', 'EFGHABCD', 'DCBAHGFE', 'FEHGBADC'] as const;

// Of int8 and uint8 the place of a byte, low or high, is what the byte order is of other types.
export const typeWidths: Record<string, number> = { int16: 1, uint16: 1, bcd16: 1, int8: 1, uint8: 1, int32: 2, uint32: 2, float32: 2, bcd32: 2, int64: 4, uint64: 4, float64: 4 };

export function isByteType(type: string | null): boolean {
    return type === 'int8' || type === 'uint8';
}

// What a word of the place n has: that of the place n XOR `words`. See src/common/model/codec.c.
const orderForms: Record<string, { words: number; isSwapped: boolean }> = {
    ABCD: { words: 0, isSwapped: false },
    CDAB: { words: 3, isSwapped: false },
    BADC: { words: 0, isSwapped: true },
    DCBA: { words: 3, isSwapped: true },
    ABCDEFGH: { words: 0, isSwapped: false },
    GHEFCDAB: { words: 3, isSwapped: false },
    BADCFEHG: { words: 0, isSwapped: true },
    HGFEDCBA: { words: 3, isSwapped: true },
    CDABGHEF: { words: 1, isSwapped: false },
    DCBAHGFE: { words: 1, isSwapped: true },
    EFGHABCD: { words: 2, isSwapped: false },
    FEHGBADC: { words: 2, isSwapped: true },
};

// True when values of four registers are the same in both orders.
export function isSameOrder(one: string, other: string): boolean {
    const [a, b] = [orderForms[one], orderForms[other]];
    return a !== undefined && b !== undefined && a.words === b.words && a.isSwapped === b.isSwapped;
}

// The bytes from the most significant one, for the words as they lie in the registers.
export function orderBytes(words: number[], order: string): Uint8Array {
    const bytes = new Uint8Array(words.length * 2);
    const { words: places, isSwapped } = orderForms[order] ?? orderForms.ABCD!;
    const moves = words.length === 2 || words.length === 4 ? places & (words.length - 1) : 0;
    words.forEach((_, index) => {
        const word = words[index ^ moves]!;
        const [high, low] = [word >> 8, word & 0xff];
        bytes[2 * index] = isSwapped ? low : high;
        bytes[2 * index + 1] = isSwapped ? high : low;
    });
    return bytes;
}

// The shortest text that reads back as the same float32.
function float32Text(value: number): string {
    if (!Number.isFinite(value)) return String(value);
    for (let digits = 1; digits < 9; digits++) {
        const short = Number(value.toPrecision(digits));
        if (Math.fround(short) === value) return String(short);
    }
    return String(Number(value.toPrecision(9)));
}

// Each digit is four bits. NaN if one is above 9.
function bcdNumber(view: DataView): number {
    let number = 0;
    for (let at = 0; at < view.byteLength; at++) {
        const [high, low] = [view.getUint8(at) >> 4, view.getUint8(at) & 0xf];
        number = high > 9 || low > 9 ? NaN : number * 100 + high * 10 + low;
    }
    return number;
}

// Null if a word is missing. NaN for bcd16 and bcd32 if a digit is above 9.
export function decodeNumber(words: (number | undefined)[], type: string, order: string): number | bigint | null {
    const width = typeWidths[type];
    const needed = words.slice(0, width);
    if (!width || needed.length < width || needed.some((word) => word === undefined)) return null;
    const view = new DataView(orderBytes(needed as number[], order).buffer);
    switch (type) {
        case 'int8':
            return order === 'high' ? view.getInt8(0) : view.getInt8(1);
        case 'uint8':
            return order === 'high' ? view.getUint8(0) : view.getUint8(1);
        case 'bcd16':
        case 'bcd32':
            return bcdNumber(view);
        case 'int16':
            return view.getInt16(0);
        case 'uint16':
            return view.getUint16(0);
        case 'int32':
            return view.getInt32(0);
        case 'uint32':
            return view.getUint32(0);
        case 'float32':
            return view.getFloat32(0);
        case 'int64':
            return view.getBigInt64(0);
        case 'uint64':
            return view.getBigUint64(0);
        default:
            return view.getFloat64(0);
    }
}

export function decodeText(words: (number | undefined)[], type: string, order: string): string {
    const value = decodeNumber(words, type, order);
    if (value === null) return '–';
    if (type.startsWith('bcd') && Number.isNaN(value)) return 'no BCD';
    return type === 'float32' ? float32Text(value as number) : String(value);
}

// value = register × scale + offset
export function scaledText(words: (number | undefined)[], type: string, order: string, scale: number, offset: number): string {
    const value = decodeNumber(words, type, order);
    if (value === null) return '–';
    if ((scale === 1 && offset === 0) || Number.isNaN(value)) return decodeText(words, type, order);
    return String(Number((Number(value) * scale + offset).toPrecision(type === 'float32' ? 7 : 15)));
}

// Text as UTF-8, up to its first NUL. Characters without a shape are points.
export function lettersText(words: (number | undefined)[], order: string): string {
    const isSwapped = order === 'BADC' || order === 'DCBA';
    const known: number[] = [];
    for (const word of words) {
        if (word === undefined) break;
        known.push(word);
    }
    const bytes = orderBytes(known, isSwapped ? 'BADC' : 'ABCD');
    const end = bytes.indexOf(0);
    const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
    return text.replace(/[\u0000-\u001f\u007f-\u009f\ufffd]/g, '·');
}
