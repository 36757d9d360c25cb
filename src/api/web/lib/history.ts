// The history of a tag: what the server remembers, and what has come since.
import { get, Problem, tagPath } from './api';
import type { Row } from './live';
import type { Quality } from './types';
import type { ChartGap, ChartMark, ChartPoint } from '../ui/chart';
import { reasonText } from './format';
import { errorWords, wordsOf } from './remedies';

export interface HistoryEvent {
    at: number; // ms since 1970
    kind: 'reject' | 'write' | 'quality';
    code: string;
    detail: string | null;
}

export interface History {
    from: number;
    to: number;
    kept_from: number | null;
    points: [number, number | null, number | null, number | null][];
    events: HistoryEvent[];
    warnings?: { code: string; detail: string }[];
}

export type Range = '10min' | '1h' | '24h' | 'all';

export const rangeMs: Record<Range, number> = { '10min': 600_000, '1h': 3_600_000, '24h': 86_400_000, all: 0 };

// Null if this gateway cannot remember: an older tagferry-api.
export async function readHistory(device: string, tag: string, range: Range, signal: AbortSignal): Promise<History | null> {
    const read = (query: Record<string, number>) => get<History>(tagPath(device, tag, 'history'), { query: { ...query, points: 600 }, signal });
    try {
        const now = Date.now();
        if (range !== 'all') return await read({ from: now - rangeMs[range] });
        const newest = await read({ from: now - rangeMs['10min'] });
        return newest.kept_from === null ? newest : await read({ from: newest.kept_from });
    } catch (error) {
        if (error instanceof Problem && error.status === 404 && !/device|tag/i.test(error.message)) return null;
        throw error;
    }
}

// What has come since the page shows the tag.
export interface Sample {
    at: number;
    value: number | string | null;
    quality: Quality;
    reason: string | null;
    rejects: number;
    error: { code: string; detail: string } | null; // of the newest reject
}

const SAMPLES_MAX = 4000;

export function takeSample(samples: Sample[], row: Row, now: number): Sample[] {
    if (!row.value) return samples;
    const { value, rejects, last_error: error } = row.value;
    const sample: Sample = { at: now, value: typeof value === 'boolean' ? Number(value) : value, quality: row.quality, reason: row.reason, rejects, error };
    const last = samples[samples.length - 1];
    if (last && last.value === sample.value && last.quality === sample.quality && last.rejects === sample.rejects) return samples;
    return [...samples.slice(-SAMPLES_MAX), sample];
}

export function eventText(event: HistoryEvent): string {
    if (event.kind === 'reject') return `refused: ${wordsOf(errorWords, event.code).title}${event.detail ? `: ${event.detail}` : ''}`;
    if (event.kind === 'write') return `written${event.detail === null ? '' : ` ${event.detail}`} by ${event.code === 'scada' ? 'a SCADA client' : 'this page or the API'}`;
    return `${event.code}${event.detail ? `: ${reasonText(event.detail)}` : ''}`;
}

export interface Drawn {
    points: ChartPoint[];
    gaps: ChartGap[];
    marks: ChartMark[];
    events: HistoryEvent[]; // oldest first
}

// Puts the history and the newer samples together. Times of the samples are the browser's, those of the
// history the server's: `ahead` is the difference.
export function drawnOf(history: History | null, samples: Sample[], ahead: number, to: number): Drawn {
    const since = history?.to ?? 0;
    const points: ChartPoint[] = (history?.points ?? []).map(([at, min, max, last]) => ({ at, min, max, last }));
    const events = [...(history?.events ?? [])];
    const newer = samples.map((sample) => ({ ...sample, at: sample.at + ahead })).filter((sample) => sample.at > since);
    const before = samples.filter((sample) => sample.at + ahead <= since).pop();
    let quality: string = before?.quality ?? newer[0]?.quality ?? 'good';
    let rejects = before?.rejects ?? newer[0]?.rejects ?? 0;
    for (const sample of newer) {
        const number = typeof sample.value === 'number' && Number.isFinite(sample.value) ? sample.value : null;
        points.push({ at: sample.at, min: number, max: number, last: number });
        if (sample.rejects > rejects) events.push({ at: sample.at, kind: 'reject', code: sample.error?.code ?? 'refused', detail: sample.error?.detail ?? null });
        if (sample.quality !== quality) events.push({ at: sample.at, kind: 'quality', code: sample.quality, detail: sample.reason });
        ({ quality, rejects } = sample);
    }
    const gaps: ChartGap[] = [];
    let open: ChartGap | null = null;
    for (const event of events) {
        if (event.kind !== 'quality') continue;
        if (open) open.to = event.at;
        open = event.code === 'good' ? null : { from: event.at, to, quality: event.code as Quality };
        if (open) gaps.push(open);
    }
    const marks: ChartMark[] = events
        .filter((event): event is HistoryEvent & { kind: 'reject' | 'write' } => event.kind !== 'quality')
        .map((event) => ({ at: event.at, kind: event.kind, text: eventText(event) }));
    return { points, gaps, marks, events };
}
