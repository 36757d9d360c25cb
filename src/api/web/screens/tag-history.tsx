// The history of a tag: chart of what the server remembers and of the live minutes, and the events.
import { useSignal } from '@preact/signals';
import Chart from '../ui/chart';
import { useEffect, useMemo } from 'preact/hooks';
import { cutText, timeText } from '../lib/format';
import { drawnOf, eventText, rangeMs, readHistory, takeSample, type History, type Range, type Sample } from '../lib/history';
import { link, tick, truthAt, type Row } from '../lib/live';
import { place, setQuery } from '../lib/router';
import type { Tag } from '../lib/types';
import { Card, ProblemNote } from '../ui/basic';
import { usePolled } from '../ui/use';

const ranges: [Range, string][] = [
    ['10min', '10 min'],
    ['1h', '1 h'],
    ['24h', '24 h'],
    ['all', 'All'],
];

const EVENTS_SHOWN = 12;

function note(history: History | null, isString: boolean, range: Range): string {
    if (!history) return 'This gateway does not remember values: the chart has what came since you opened this page.';
    const off = history.warnings?.find((warning) => warning.code === 'history_off');
    if (off) return `The history is off: the chart has what came since you opened this page. (${off.detail})`;
    if (isString) return 'A text has no line: what changed is listed here.';
    if (history.kept_from !== null && range !== 'all' && history.kept_from > history.from) return `Nothing older than ${timeText(history.kept_from)} is remembered.`;
    return '';
}

export function HistoryCard({ tag, row }: { tag: Tag; row: Row }) {
    const asked = place.value.query.get('range') as Range;
    const range: Range = ranges.some(([id]) => id === asked) ? asked : '10min';
    const samples = useSignal<Sample[]>([]);
    const shown = row.shown.value;
    useEffect(() => {
        samples.value = takeSample(samples.peek(), row, Date.now());
    }, [row, shown]);
    const { data, problem } = usePolled(
        async (signal) => {
            const history = await readHistory(tag.device, tag.name, range, signal);
            return { history, ahead: history ? history.to - Date.now() : 0 };
        },
        30000,
        [tag.device, tag.name, range],
    );
    const history = data?.history ?? null;
    const ahead = data?.ahead ?? 0;
    // The clock of the chart stands still while the values do.
    const now = (link.value === 'lost' && truthAt.value ? truthAt.value.getTime() : Date.now()) + ahead;
    const to = Math.max(history?.to ?? 0, now);
    const drawn = useMemo(() => drawnOf(history, samples.value, ahead, to), [history, samples.value, tick.value]);
    const first = drawn.points[0]?.at ?? to - rangeMs['10min'];
    const from = range === 'all' ? Math.min(history?.kept_from ?? first, first) : to - rangeMs[range];
    const isString = tag.modbus.type === 'string';
    const texts = isString ? samples.value.filter((sample) => sample.value !== null) : [];
    const newest = [...drawn.events].reverse().slice(0, EVENTS_SHOWN);
    const hint = data ? note(history, isString, range) : '';
    return (
        <Card
            title="History"
            class="history-card"
            actions={
                <div class="shows" role="group" aria-label="Time range">
                    {ranges.map(([id, word]) => (
                        <button key={id} type="button" class="show" aria-pressed={range === id} onClick={() => setQuery({ range: id === '10min' ? null : id })}>
                            {word}
                        </button>
                    ))}
                </div>
            }
        >
            <ProblemNote problem={problem} />
            {!isString && <Chart label={`Chart of ${tag.device}/${tag.name}`} from={from} to={to} points={drawn.points} gaps={drawn.gaps} marks={drawn.marks} unit={tag.unit} isBool={tag.modbus.type === 'bool'} />}
            {hint && <p class="muted">{hint}</p>}
            {texts.length > 0 && (
                <ul class="events">
                    {[...texts].reverse().slice(0, 50).map((sample) => (
                        <li key={sample.at}>
                            <time>{timeText(sample.at + ahead)}</time> {cutText(String(sample.value), 300)}
                        </li>
                    ))}
                </ul>
            )}
            {newest.length > 0 && (
                <ul class="events" aria-label="Newest events">
                    {newest.map((event, index) => (
                        <li key={index} class={event.kind}>
                            <time>{timeText(event.at)}</time> {cutText(eventText(event), 300)}
                        </li>
                    ))}
                </ul>
            )}
        </Card>
    );
}
