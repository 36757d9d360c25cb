// What registers mean: the values of every type in every byte order.

export const byteOrders = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export type ByteOrder = (typeof byteOrders)[number];

export const typeWidths: Record<string, number> = { int16: 1, uint16: 1, int32: 2, uint32: 2, float32: 2, int64: 4, uint64: 4, float64: 4 };

// The bytes from the most significant one, for the words as they lie in the registers.
export function orderBytes(words: number[], order: string): Uint8Array {
    const bytes = new Uint8Array(words.length * 2);
    const isReversed = order === 'CDAB' || order === 'DCBA';
    const isSwapped = order === 'BADC' || order === 'DCBA';
    (isReversed ? [...words].reverse() : words).forEach((word, index) => {
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

// Null if a word is missing.
export function decodeNumber(words: (number | undefined)[], type: string, order: string): number | bigint | null {
    const width = typeWidths[type];
    const needed = words.slice(0, width);
    if (!width || needed.length < width || needed.some((word) => word === undefined)) return null;
    const view = new DataView(orderBytes(needed as number[], order).buffer);
    switch (type) {
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
    return type === 'float32' ? float32Text(value as number) : String(value);
}

// value = register × scale + offset
export function scaledText(words: (number | undefined)[], type: string, order: string, scale: number, offset: number): string {
    const value = decodeNumber(words, type, order);
    if (value === null) return '–';
    if (scale === 1 && offset === 0) return decodeText(words, type, order);
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
