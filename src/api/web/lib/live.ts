// The live values of all tags: a snapshot and then changes, over one stream for the whole page.
//
// A row is an object that lives as long as its tag. Changes are written into it at once, and shown in
// the next frame: only rows that are on the screen read `shown`, so that ten thousand cost little.
import { batch, signal, type Signal } from '@preact/signals';
import { get, getAll, pathOf, Problem, readProblem, type Page } from './api';
import { readEvents } from './sse';
import type { Quality, Tag, Value } from './types';

// With more tags than this the page reads them in portions from the server instead.
export const LIVE_MAX = 10000;
// The server sends at least a heartbeat each 3 s.
const SILENCE_MS = 8000;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const TRAIL_MAX = 48;

export class Row {
    config: Tag;
    value: Value | null = null;
    arrivedMs = 0; // of the value, by performance.now()
    trail: number[] = []; // newest values of a number, for the sparkline
    readonly shown: Signal<number> = signal(0);

    constructor(
        readonly key: string,
        config: Tag,
    ) {
        this.config = config;
    }

    // Takes the newest value. The caller sees to it that the row is drawn.
    take(value: Value): void {
        this.value = value;
        this.arrivedMs = performance.now();
        if (typeof value.value !== 'number' && typeof value.value !== 'boolean') return;
        this.trail.push(Number(value.value));
        if (this.trail.length > TRAIL_MAX) this.trail.shift();
    }

    get device(): string {
        return this.config.device;
    }

    get tag(): string {
        return this.config.name;
    }

    get quality(): Quality {
        return this.value?.quality ?? this.config.quality ?? 'never';
    }

    get reason(): string | null {
        return this.value ? this.value.reason : (this.config.reason ?? null);
    }

    // The age of the value now, in ms; null if there is none.
    age(nowMs: number): number | null {
        const age = this.value?.age_ms;
        return age === null || age === undefined ? null : age + Math.max(0, nowMs - this.arrivedMs);
    }
}

export type LinkState =
    | 'connecting' // no value yet
    | 'live'
    | 'lost' // the values are of truthAt
    | 'paused' // the tab is hidden
    | 'paged'; // more tags than LIVE_MAX: no stream

export const rows = new Map<string, Row>();
// Changes when rows come, go or get other settings.
export const rowsVersion = signal(0);
// Changes, at most once a second, when values or qualities have changed: sort and filter again.
export const valuesVersion = signal(0);
export const link = signal<LinkState>('connecting');
// Why the stream is lost, in words.
export const linkReason = signal('');
// When the values were true last.
export const truthAt = signal<Date | null>(null);
// Number of tags in the store; null before the first answer.
export const tagTotal = signal<number | null>(null);
export const counts = signal<Record<Quality, number>>({ good: 0, stale: 0, bad: 0, never: 0 });
// performance.now() of the newest tick: ages are shown at this time. While the stream is lost it stands
// still, as the values do.
export const tick = signal(performance.now());
// The revision of the store as the server told it last.
export const revision = signal<number | null>(null);

export function rowKey(device: string, tag: string): string {
    return `${device}/${tag}`;
}

const dirty = new Set<Row>();
let frame = 0;
let valuesDirty = false;

function showDirty(): void {
    frame = 0;
    batch(() => {
        for (const row of dirty) row.shown.value++;
    });
    dirty.clear();
    valuesDirty = true;
}

// Values of tags that came before the tags themselves, by the key of their row.
const early = new Map<string, Value>();

function takeValue(value: Value): void {
    const key = rowKey(value.device, value.tag);
    const row = rows.get(key);
    if (!row) {
        early.set(key, value); // its tag comes with the next list of tags
        return;
    }
    row.take(value);
    dirty.add(row);
    frame ||= requestAnimationFrame(showDirty);
}

function countQualities(): void {
    const next: Record<Quality, number> = { good: 0, stale: 0, bad: 0, never: 0 };
    for (const row of rows.values()) if (row.quality in next) next[row.quality]++;
    const old = counts.value;
    if (next.good !== old.good || next.stale !== old.stale || next.bad !== old.bad || next.never !== old.never)
        counts.value = next;
}

setInterval(() => {
    if (document.hidden) return;
    batch(() => {
        if (link.value !== 'lost') tick.value = performance.now();
        if (valuesDirty) {
            valuesDirty = false;
            countQualities();
            valuesVersion.value++;
        }
    });
}, 1000);

// Makes the rows equal to the tags of the store. Rows of tags that stay keep their values.
function takeTags(tags: Tag[]): void {
    const seen = new Set<string>();
    for (const tag of tags) {
        const key = rowKey(tag.device, tag.name);
        seen.add(key);
        const row = rows.get(key);
        if (row && row.config.id === tag.id) {
            row.config = tag;
            dirty.add(row);
        } else {
            const fresh = new Row(key, tag);
            const value = early.get(key);
            if (value) fresh.take(value);
            early.delete(key);
            rows.set(key, fresh);
        }
    }
    for (const key of rows.keys()) if (!seen.has(key)) rows.delete(key);
    frame ||= requestAnimationFrame(showDirty);
    countQualities();
    rowsVersion.value++;
}

async function readTags(signal: AbortSignal): Promise<boolean> {
    const first = await get<Page<Tag>>(pathOf('tags'), { query: { limit: 1 }, signal });
    tagTotal.value = first.total;
    if (first.total > LIVE_MAX) return false;
    takeTags(await getAll<Tag>(pathOf('tags'), {}, LIVE_MAX));
    return true;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
}

// One connection: the tags, then the stream until it ends, falls silent or `stop` aborts it. Returns the
// reason of the end in words.
async function followStream(stop: AbortSignal, onAlive: () => void): Promise<string> {
    const abort = new AbortController();
    const end = () => abort.abort();
    stop.addEventListener('abort', end, { once: true });
    let reason = 'The connection to tagferry-api ended.';
    let silence = 0;
    const alive = () => {
        clearTimeout(silence);
        silence = window.setTimeout(() => {
            reason = 'tagferry-api has sent nothing for 8 s.';
            end();
        }, SILENCE_MS);
    };
    let reading: Promise<unknown> = Promise.resolve();
    let known: number | null = null;
    early.clear();
    try {
        alive();
        if (!(await readTags(abort.signal))) {
            link.value = 'paged';
            onAlive();
            await wait(10000, abort.signal);
            return '';
        }
        const answer = await readEvents(
            `${pathOf('values')}/stream`,
            abort.signal,
            ({ event, data }) => {
                if (event === 'values') {
                    for (const value of JSON.parse(data) as (Value | null)[]) if (value) takeValue(value);
                } else if (event === 'complete') {
                    // Tags came or went after the list of tags was read and before the stream began.
                    const told = (JSON.parse(data) as { count: number }).count;
                    if (early.size > 0 || told !== rows.size)
                        reading = reading.then(() => readTags(abort.signal)).catch(end);
                } else if (event === 'revision') {
                    const told = (JSON.parse(data) as { revision: number }).revision;
                    if (known !== null && told !== known)
                        reading = reading.then(() => readTags(abort.signal)).catch(end);
                    known = told;
                    revision.value = told;
                }
            },
            () => {
                alive();
                truthAt.value = new Date();
                if (link.value !== 'live') {
                    link.value = 'live';
                    linkReason.value = '';
                    onAlive();
                }
            },
        );
        if (!answer.ok) return (await readProblem(answer)).message;
        return reason;
    } catch (error) {
        if (error instanceof Problem) return error.message;
        return reason;
    } finally {
        clearTimeout(silence);
        stop.removeEventListener('abort', end);
        end();
    }
}

let stopping: AbortController | null = null;

async function follow(stop: AbortController): Promise<void> {
    for (let failures = 0; !stop.signal.aborted; ) {
        const reason = await followStream(stop.signal, () => (failures = 0));
        if (stop.signal.aborted) return;
        if (reason) {
            linkReason.value = reason;
            link.value = truthAt.value ? 'lost' : 'connecting';
            await wait(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]!, stop.signal);
        } else if (link.value !== 'paged') {
            await wait(1000, stop.signal);
        }
    }
}

// Begins again with a whole snapshot; call it when a token was given, too.
export function startLive(): void {
    stopLive();
    stopping = new AbortController();
    void follow(stopping);
}

export function stopLive(): void {
    stopping?.abort();
    stopping = null;
}

// The values are of the time of the loss until startLive is called.
export function loseLive(reason: string): void {
    stopLive();
    linkReason.value = reason;
    link.value = truthAt.value ? 'lost' : 'connecting';
}

// Nothing is known any more.
export function forgetLive(): void {
    stopLive();
    rows.clear();
    early.clear();
    batch(() => {
        link.value = 'connecting';
        linkReason.value = '';
        truthAt.value = tagTotal.value = revision.value = null;
        rowsVersion.value++;
    });
    countQualities();
}

// A hidden tab costs the server nothing; when it wakes, it begins with a whole new snapshot.
document.addEventListener('visibilitychange', () => {
    if (!stopping && link.value !== 'paused') return;
    if (document.hidden) {
        stopLive();
        link.value = 'paused';
    } else if (link.value === 'paused') {
        link.value = truthAt.value ? 'lost' : 'connecting';
        linkReason.value = 'This tab was hidden. Reading the values again.';
        startLive();
    }
});
