// Live with more tags than the page follows: the server filters, searches and hands out pages.
import { useMemo } from 'preact/hooks';
import { findCauses } from '../lib/causes';
import { get, pathOf, type Page, type RequestOptions } from '../lib/api';
import { countText, wrongReasons } from '../lib/format';
import { link, linkReason, Row, rowKey, truthAt } from '../lib/live';
import { readiness } from '../lib/parts';
import { place, setQuery } from '../lib/router';
import type { Tag, Value } from '../lib/types';
import { Button, Empty, Loading, ProblemNote } from '../ui/basic';
import { CauseList } from '../ui/causes';
import { VirtualTable } from '../ui/table';
import { isNarrow, usePolled } from '../ui/use';
import { FilterBar, openTag, ROW_HEIGHT, rowClass } from './live';
import { narrowColumns, wideColumns } from './live-columns';
import { clearFilters, type Choice, type Counts } from './live-list';

const PAGE = 200;
const PAGE_MS = 2000;
const COUNT_MS = 15000;
// A search through very many tags costs the server time: it is repeated so seldom that it takes but a part.
const REST = 4;

// A query of /tags and /values.
function queryOf(choice: Choice, show = choice.show): RequestOptions['query'] {
    return {
        q: choice.needle || null,
        device: choice.device || null,
        table: choice.table || null,
        quality: show === 'all' || show === 'wrong' ? null : show,
        reason: choice.reason || (show === 'wrong' ? wrongReasons.join(',') : null),
    };
}

async function readCounts(choice: Choice, signal: AbortSignal): Promise<Counts> {
    const counts: Counts = { wrong: 0, all: 0, bad: 0, stale: 0, never: 0, good: 0 };
    for (const show of Object.keys(counts) as (keyof Counts)[])
        counts[show] = (await get<Page<Tag>>(pathOf('tags'), { query: { ...queryOf(choice, show), limit: 1 }, signal })).total;
    return counts;
}

interface Shown {
    rows: Row[];
    total: number;
    next: string | null;
}

// The rows of a page keep their trails from one reading to the next.
async function readPage(choice: Choice, after: string | null, known: Map<string, Row>, signal: AbortSignal): Promise<Shown> {
    const query = { ...queryOf(choice), after, limit: PAGE };
    const [tags, values] = await Promise.all([get<Page<Tag>>(pathOf('tags'), { query, signal }), get<Page<Value>>(pathOf('values'), { query, signal })]);
    const newest = new Map(values.items.map((value) => [rowKey(value.device, value.tag), value]));
    const rows: Row[] = [];
    for (const tag of tags.items) {
        const key = rowKey(tag.device, tag.name);
        const row = known.get(key) ?? new Row(key, tag);
        row.config = tag;
        const value = newest.get(key);
        if (value) row.take(value);
        row.shown.value++;
        rows.push(row);
    }
    known.clear();
    for (const row of rows) known.set(row.key, row);
    truthAt.value = new Date();
    if (link.value === 'lost') link.value = 'paged';
    return { rows, total: tags.total, next: tags.next };
}

export function PagedTags({ choice }: { choice: Choice }) {
    const after = place.value.query.get('after');
    const request = JSON.stringify([queryOf(choice), after]);
    const known = useMemo(() => new Map<string, Row>(), [request]);
    const before = useMemo<(string | null)[]>(() => [], [JSON.stringify(queryOf(choice))]);
    const cost = useMemo(() => ({ page: 0, counts: 0 }), []);
    const counts = usePolled(
        async (signal) => {
            const began = performance.now();
            const read = await readCounts(choice, signal);
            cost.counts = performance.now() - began;
            return read;
        },
        () => Math.max(COUNT_MS, cost.counts * 4 * REST),
        [JSON.stringify(queryOf(choice, 'all'))],
    );
    const { data, problem } = usePolled(
        async (signal) => {
            try {
                const began = performance.now();
                const page = await readPage(choice, after, known, signal);
                cost.page = performance.now() - began;
                return page;
            } catch (error) {
                if (!signal.aborted && truthAt.value) {
                    linkReason.value = error instanceof Error ? error.message : String(error);
                    link.value = 'lost';
                }
                throw error;
            }
        },
        () => Math.max(PAGE_MS, cost.page * REST),
        [request],
    );
    const columns = useMemo(() => (isNarrow.value ? narrowColumns : wideColumns).filter((column) => column.id !== 'trend').map((column) => ({ ...column, sort: false })), [isNarrow.value]);
    const turn = (to: string | null) => setQuery({ after: to });
    return (
        <>
            <FilterBar choice={choice} counts={counts.data} />
            <CauseList causes={findCauses([], new Map(), new Map(), readiness.value)} />
            {!data && problem && <ProblemNote problem={problem} />}
            {!data && !problem && <Loading what="Reading a page of tags" />}
            {data && (
                <VirtualTable
                    key={request}
                    label="Tags"
                    columns={columns}
                    items={data.rows}
                    itemKey={(row) => row.key}
                    rowHeight={ROW_HEIGHT}
                    onOpen={openTag}
                    rowClass={rowClass}
                    empty={
                        <Empty title="No tag matches">
                            <Button onClick={clearFilters}>Show all tags</Button>
                        </Empty>
                    }
                />
            )}
            {data && (
                <p class="foot">
                    {countText(data.rows.length)} of {countText(data.total)} tags, in order of device and tag, read again every few seconds.
                    <Button disabled={!after} onClick={() => turn(null)}>
                        First page
                    </Button>
                    <Button disabled={before.length === 0} onClick={() => turn(before.pop() ?? null)}>
                        Page before
                    </Button>
                    <Button
                        disabled={!data.next}
                        onClick={() => {
                            before.push(after);
                            turn(data.next);
                        }}
                    >
                        Next page
                    </Button>
                </p>
            )}
        </>
    );
}
