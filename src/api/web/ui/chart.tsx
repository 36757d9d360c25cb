// A chart of values over time. uPlot is loaded when the first chart is shown.
import { signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { timeText } from '../lib/format';
import type { Quality } from '../lib/types';
import { Loading } from './basic';

export interface ChartPoint {
    at: number; // ms since 1970
    min: number | null;
    max: number | null;
    last: number | null;
}

export interface ChartMark {
    at: number;
    kind: 'reject' | 'write';
    text: string;
}

// A time in which the value could not be trusted: the line has a gap.
export interface ChartGap {
    from: number;
    to: number;
    quality: Quality;
}

export interface ChartProps {
    label: string; // for screen readers
    from: number;
    to: number;
    points: ChartPoint[]; // in order of time; each value holds until the next
    marks: ChartMark[];
    gaps: ChartGap[]; // in order of time
    unit: string;
    isBool: boolean;
    height?: number;
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const scheme = signal(dark.matches);
dark.addEventListener('change', () => (scheme.value = dark.matches));

type Lines = [number[], (number | null)[], (number | null)[], (number | null)[]];

// The lines of the chart: times in s, last, min, max. A value is drawn until the next one, to the begin of
// a gap, or until now.
export function linesOf({ points, gaps, to }: Pick<ChartProps, 'points' | 'gaps' | 'to'>): Lines {
    const lines: Lines = [[], [], [], []];
    const add = (at: number, last: number | null, min = last, max = last) => {
        lines[0].push(at / 1000);
        lines[1].push(last);
        lines[2].push(min);
        lines[3].push(max);
    };
    let next = 0;
    let open: ChartGap | null = null;
    let held: number | null = null;
    const pass = (until: number) => {
        for (;;) {
            if (open) {
                if (open.to > until) return;
                add(open.to, held);
                open = null;
            } else {
                const gap = gaps[next];
                if (!gap || gap.from > until) return;
                next++;
                add(gap.from, held);
                add(gap.from, null);
                open = gap;
            }
        }
    };
    for (const point of points) {
        pass(point.at);
        held = point.last;
        if (!open) add(point.at, point.last, point.min, point.max);
    }
    pass(to);
    if (!open && points.length > 0) add(to, held);
    return lines;
}

function colour(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Gaps behind the lines, marks at their feet.
function drawExtras(chart: uPlot, props: () => ChartProps, when: 'under' | 'over'): void {
    const { ctx, bbox } = chart;
    const { gaps, marks } = props();
    const x = (at: number) => chart.valToPos(at / 1000, 'x', true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    if (when === 'under') {
        for (const gap of gaps) {
            ctx.fillStyle = colour(gap.quality === 'bad' ? 'bad-soft' : gap.quality === 'stale' ? 'stale-soft' : 'sunken');
            ctx.fillRect(x(gap.from), bbox.top, Math.max(1, x(gap.to) - x(gap.from)), bbox.height);
        }
    } else {
        const size = 5 * devicePixelRatio;
        const foot = bbox.top + bbox.height;
        const drawn = { reject: -Infinity, write: -Infinity };
        for (const mark of marks) {
            const at = x(mark.at);
            if (at - drawn[mark.kind] < 2.5 * size) continue; // there is one already
            drawn[mark.kind] = at;
            ctx.beginPath();
            if (mark.kind === 'reject') {
                ctx.strokeStyle = colour('bad');
                ctx.lineWidth = 2 * devicePixelRatio;
                ctx.moveTo(at - size, foot - 3 * size);
                ctx.lineTo(at + size, foot - size);
                ctx.moveTo(at + size, foot - 3 * size);
                ctx.lineTo(at - size, foot - size);
                ctx.stroke();
            } else {
                ctx.fillStyle = colour('accent');
                ctx.moveTo(at, foot - 3 * size);
                ctx.lineTo(at + size, foot - size);
                ctx.lineTo(at - size, foot - size);
                ctx.fill();
            }
        }
    }
    ctx.restore();
}

function optionsOf(library: typeof uPlot, width: number, props: () => ChartProps, onCursor: (index: number | null) => void): uPlot.Options {
    const { height = 240, isBool } = props();
    const stepped = library.paths.stepped!({ align: 1 });
    const axis = { stroke: colour('muted'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: '12px system-ui, sans-serif' };
    return {
        width,
        height,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } },
        scales: {
            x: { time: true, range: () => [props().from / 1000, props().to / 1000] },
            y: isBool ? { range: () => [-0.15, 1.15] } : { range: { min: { pad: 0.08, mode: 0 }, max: { pad: 0.08, mode: 0 } } },
        },
        axes: [
            { ...axis, values: (_, times) => times.map((time, index) => axisTime(time, times[index - 1])) },
            { ...axis, size: 64, ...(isBool ? { splits: () => [0, 1], values: () => ['false', 'true'] } : {}) },
        ],
        series: [
            {},
            { stroke: colour('accent'), width: 1.5, paths: stepped, points: { show: false }, spanGaps: false },
            { stroke: 'transparent', paths: stepped, points: { show: false } },
            { stroke: 'transparent', paths: stepped, points: { show: false } },
        ],
        bands: [{ series: [3, 2], fill: colour('accent-soft') }],
        hooks: {
            drawClear: [(chart) => drawExtras(chart, props, 'under')],
            draw: [(chart) => drawExtras(chart, props, 'over')],
            setCursor: [(chart) => onCursor(chart.cursor.idx ?? null)],
        },
    };
}

const dayForm = new Intl.DateTimeFormat(undefined, { month: '2-digit', day: '2-digit' });
const minuteForm = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const secondForm = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

function axisTime(time: number, before: number | undefined): string {
    const date = new Date(time * 1000);
    const text = time % 60 === 0 ? minuteForm.format(date) : secondForm.format(date);
    const isNewDay = before === undefined ? date.getHours() === 0 && date.getMinutes() === 0 : new Date(before * 1000).getDate() !== date.getDate();
    return isNewDay ? `${text}\n${dayForm.format(date)}` : text;
}

export default function Chart(given: ChartProps) {
    const frame = useRef<HTMLDivElement>(null);
    const chart = useRef<uPlot | null>(null);
    const newest = useRef(given);
    const lines = useRef<Lines>([[], [], [], []]);
    const library = useSignal<typeof uPlot | null>(null);
    const fault = useSignal('');
    const under = useSignal<number | null>(null); // the point under the pointer
    newest.current = given;
    useEffect(() => {
        void import('uplot').then(
            (module) => (library.value = module.default),
            () => (fault.value = 'The chart cannot be loaded. Is tagferry-api running?'),
        );
    }, []);
    useLayoutEffect(() => {
        const element = frame.current!;
        if (!library.value) return undefined;
        const own = new library.value(optionsOf(library.value, element.clientWidth || 600, () => newest.current, (index) => (under.value = index)), lines.current, element);
        chart.current = own;
        const observer = new ResizeObserver(() => own.setSize({ width: element.clientWidth, height: newest.current.height ?? 240 }));
        observer.observe(element);
        return () => {
            observer.disconnect();
            own.destroy();
            chart.current = null;
        };
    }, [library.value, scheme.value, given.isBool]);
    useLayoutEffect(() => {
        lines.current = linesOf(given);
        chart.current?.setData(lines.current);
    }, [given.points, given.gaps, given.marks, given.from, given.to, library.value, scheme.value, given.isBool]);

    const word = (value: number | null | undefined) => (value === null || value === undefined ? 'no value' : given.isBool ? String(value !== 0) : `${Number(value.toPrecision(8))} ${given.unit}`);
    const at = under.value;
    const [times, last, low, high] = lines.current;
    const hasBand = at !== null && low[at] !== high[at];
    return (
        <figure class="chart" aria-label={given.label}>
            <figcaption>
                {at !== null && times[at] !== undefined ? (
                    <>
                        {timeText(times[at]! * 1000)}: <strong>{word(last[at])}</strong>
                        {hasBand && ` (from ${word(low[at])} to ${word(high[at])})`}
                    </>
                ) : (
                    <>
                        <span class="key line-key" /> value <span class="key reject-key">✕</span> refused <span class="key write-key">▲</span> written <span class="key gap-key" /> stale or bad
                    </>
                )}
            </figcaption>
            {fault.value && <p class="fault">{fault.value}</p>}
            {!library.value && !fault.value && <Loading what="Loading the chart" />}
            <div ref={frame} class="chart-frame" />
        </figure>
    );
}
