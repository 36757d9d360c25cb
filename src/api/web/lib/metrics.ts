// The metrics of the three daemons: Prometheus' text, and rates from two readings of it.

export interface Metrics {
    atMs: number;
    series: Map<string, Map<string, number>>; // by name, then by labels as they are written; '' without labels
}

export function parseMetrics(text: string, atMs: number): Metrics {
    const series = new Map<string, Map<string, number>>();
    for (const line of text.split('\n')) {
        if (!line || line.startsWith('#')) continue;
        const parts = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line);
        if (!parts) continue;
        const [, name, labels = '', number] = parts;
        const value = number === '+Inf' ? Infinity : Number(number);
        const own = series.get(name!) ?? new Map<string, number>();
        own.set(labels, value);
        series.set(name!, own);
    }
    return { atMs, series };
}

// The value of the label in {reason="lost",unit="1"}.
export function labelOf(labels: string, name: string): string {
    return new RegExp(`[{,]${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(labels)?.[1]?.replace(/\\(.)/g, '$1') ?? '';
}

// One value, or the sum over all labels; null if the daemon does not have the metric.
export function metric(metrics: Metrics | null, name: string, labels?: string): number | null {
    const own = metrics?.series.get(name);
    if (!own) return null;
    if (labels !== undefined) return own.get(labels) ?? null;
    let sum = 0;
    for (const value of own.values()) sum += value;
    return sum;
}

export function metricRows(metrics: Metrics | null, name: string): [string, number][] {
    return [...(metrics?.series.get(name) ?? [])];
}

export interface Readings {
    now: Metrics | null;
    before: Metrics | null;
}

// How much a counter grew between the two readings; a counter that is lower than before began again.
export function growth({ now, before }: Readings, name: string, labels?: string): number | null {
    const [last, first] = [metric(now, name, labels), metric(before, name, labels)];
    if (last === null || first === null) return null;
    return last >= first ? last - first : last;
}

// Per second.
export function rate(readings: Readings, name: string, labels?: string): number | null {
    const grown = growth(readings, name, labels);
    if (grown === null) return null;
    return (grown * 1000) / Math.max(1, readings.now!.atMs - readings.before!.atMs);
}

// The upper limit that `share` of the newest observations of a histogram stay below; null without any.
export function percentile(readings: Readings, name: string, share: number): number | null {
    const buckets = metricRows(readings.now, `${name}_bucket`).map(([labels]) => ({ limit: labelOf(labels, 'le'), count: growth(readings, `${name}_bucket`, labels) ?? 0 }));
    const total = buckets[buckets.length - 1]?.count ?? 0;
    if (total === 0) return null;
    const found = buckets.find((bucket) => bucket.count >= share * total)!;
    return found.limit === '+Inf' ? Infinity : Number(found.limit);
}
