// What a file is: its type for the server, and the product that made it.

export type ImportFormat = 'auto' | 'json' | 'csv' | 'xlsx' | 'kepware' | 'ignition' | 'neuron';

export const formatTitles: Record<ImportFormat, string> = {
    auto: 'Find out from the file',
    json: 'Tagferry (JSON)',
    csv: 'Table (CSV)',
    xlsx: 'Table (workbook)',
    kepware: 'KEPServerEX',
    ignition: 'Ignition',
    neuron: 'EMQX Neuron',
};

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

// The members at the top of a JSON file say whose it is. Only the beginning is read, because files may be
// large.
function formatOfJson(head: string): ImportFormat {
    if (/"(opcItemPath|tagType|valueSource)"\s*:/.test(head)) return 'ignition';
    if (/"(servermain\.|common\.ALLTYPES|project)/.test(head)) return 'kepware';
    if (/"nodes"\s*:|"groups"\s*:/.test(head)) return 'neuron';
    return 'json';
}

// Guesses the format of a file.
export async function guessFormat(file: Blob): Promise<ImportFormat> {
    const bytes = new Uint8Array(await file.slice(0, 65536).arrayBuffer());
    if (bytes[0] === 0x50 && bytes[1] === 0x4b) return 'xlsx';
    const head = new TextDecoder().decode(bytes);
    if (/^\uFEFF?\s*[[{]/.test(head)) return formatOfJson(head);
    const line = head.split(/\r?\n/, 1)[0]!;
    return /Tag Name/.test(line) && /Client Access|Scan Rate/.test(line) ? 'kepware' : 'csv';
}

// The Content-Type of a file of this format.
export async function typeOf(file: Blob, format: ImportFormat): Promise<string> {
    const start = new Uint8Array(await file.slice(0, 2).arrayBuffer());
    if (start[0] === 0x50 && start[1] === 0x4b) return XLSX;
    if (format === 'json' || format === 'ignition') return 'application/json';
    if (format === 'csv') return 'text/csv';
    const head = new TextDecoder().decode(await file.slice(0, 4096).arrayBuffer());
    return /^\uFEFF?\s*[[{]/.test(head) ? 'application/json' : 'text/csv';
}
