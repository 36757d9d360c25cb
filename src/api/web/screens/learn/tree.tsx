// The tree of what was heard, with ticks; and all about the selected row.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { bytesText, countText, foldText, plural, timeText } from '../../lib/format';
import { linkTo } from '../../lib/router';
import { mayWrite } from '../../lib/session';
import { Button, Card, Facts } from '../../ui/basic';
import { VirtualTable, type Column } from '../../ui/table';
import { isNarrow } from '../../ui/use';
import { isNew, keyId, makeTree, newIdsOf, payloadText, rangeText, rateText, topicId, treeRows, typesText, type HeardTopic, type TreeNode, type TreeRow } from './heard';
import { setTicks, type Ticks } from './ticks';

// Branches are open at first while there are few topics, and where many are below a few branches.
const OPEN_LEVELS_BELOW = 60;
const OPEN_TOPICS_BELOW = 6;
const OPEN_BRANCHES_MAX = 12;
const CUT = 240; // characters of a payload in a cell

function newIds(row: TreeRow): string[] {
    if (!row.key) return newIdsOf(row.node);
    const { topic } = row.node;
    return topic && isNew(row.key) ? [keyId(topicId(topic.topic, topic.where), row.key.key)] : [];
}

const tickCounts = new WeakMap<string[], { of: Ticks['values']; count: number }>();

// How many of the ids are ticked; remembered for branches, which may have thousands.
function countTicked(ids: string[], { values }: Ticks): number {
    const known = tickCounts.get(ids);
    if (known?.of === values) return known.count;
    const count = ids.filter((id) => values.has(id)).length;
    tickCounts.set(ids, { of: values, count });
    return count;
}

function Tick({ row, ticks, onTick }: { row: TreeRow; ticks: Ticks; onTick: (row: TreeRow, on: boolean) => void }) {
    const ids = newIds(row);
    const some = countTicked(ids, ticks);
    const box = useRef<HTMLInputElement>(null);
    useEffect(() => {
        if (box.current) box.current.indeterminate = some > 0 && some < ids.length;
    });
    if (ids.length === 0) return <span class="no-tick" />;
    return <input ref={box} type="checkbox" tabIndex={-1} aria-label={row.name} checked={some === ids.length} onChange={(event) => onTick(row, event.currentTarget.checked)} />;
}

function TagLinks({ tags }: { tags: string[] }) {
    return (
        <>
            {tags.map((tag, index) => {
                const [device = '', name = ''] = tag.split('/', 2);
                return (
                    <span key={tag}>
                        {index > 0 && ', '}
                        <a href={linkTo('tags', device, name)}>{tag}</a>
                    </span>
                );
            })}
        </>
    );
}

// The newest value or payload; of a level how much is below it; of a key that a tag reads, the tag.
function NewestCell({ row }: { row: TreeRow }) {
    const { node, key } = row;
    if (key) return <code>{key.sample.slice(0, CUT)}</code>;
    if (node.topic) return <code class="muted">{payloadText(node.topic).slice(0, CUT)}</code>;
    return (
        <span class="muted">
            {plural(node.topics, 'topic')}, {node.fresh > 0 ? plural(node.fresh, 'new value') : 'nothing new'}
        </span>
    );
}

function KindCell({ row }: { row: TreeRow }) {
    if (row.key) return <>{typesText(row.key)}</>;
    const { topic } = row.node;
    if (!topic) return null;
    return <>{topic.looks_like ?? topic.format}</>;
}

// What the details show, too.
const detailColumns = ['kind', 'range', 'tags'];

function useColumns(ticks: Ticks, withDetails: boolean, onTick: (row: TreeRow, on: boolean) => void, onToggle: (row: TreeRow) => void): Column<TreeRow>[] {
    const name: Column<TreeRow> = {
        id: 'name',
        title: 'Topic and key',
        width: 'minmax(15rem, 2fr)',
        render: (row) => (
            <span class={`branch depth-${Math.min(row.depth, 12)}`} title={row.key ? row.key.key : row.node.path.slice(1)}>
                {row.kind === 'key' || (row.node.children.length === 0 && row.node.keys.length === 0) ? (
                    <span class="twist" />
                ) : (
                    <button type="button" class="twist" tabIndex={-1} aria-label={row.open ? `Close ${row.name}` : `Open ${row.name}`} onClick={() => onToggle(row)}>
                        {row.open ? '▾' : '▸'}
                    </button>
                )}
                {mayWrite.value && <Tick row={row} ticks={ticks} onTick={onTick} />}
                <span class={row.kind === 'key' ? 'key-name' : row.kind}>{row.name}</span>
            </span>
        ),
    };
    const newest: Column<TreeRow> = { id: 'newest', title: 'Newest', width: 'minmax(9rem, 2fr)', render: (row) => <NewestCell row={row} /> };
    if (isNarrow.value) return [{ ...name, width: 'minmax(11rem, 3fr)' }, { ...newest, width: 'minmax(6rem, 2fr)' }];
    const columns: Column<TreeRow>[] = [
        name,
        newest,
        { id: 'kind', title: 'Format', width: '8rem', render: (row) => <KindCell row={row} /> },
        { id: 'range', title: 'Between', width: 'minmax(7rem, 1fr)', render: (row) => row.key && rangeText(row.key) },
        { id: 'messages', title: 'Messages', width: '5rem', number: true, render: (row) => row.kind === 'topic' && countText(row.node.topic!.messages) },
        { id: 'rate', title: 'Rate', width: '5.5rem', number: true, render: (row) => row.kind === 'topic' && (row.node.topic!.retained ? 'retained' : rateText(row.node.topic!)) },
        {
            id: 'tags',
            title: 'Read by',
            width: 'minmax(7rem, 1fr)',
            render: (row) => row.key && (row.key.tags?.length ? <TagLinks tags={row.key.tags} /> : <span class="muted">new</span>),
        },
    ];
    return withDetails ? columns.filter((column) => !detailColumns.includes(column.id)) : columns;
}

function RowFacts({ row }: { row: TreeRow }) {
    const { topic } = row.node;
    if (!topic) return <p class="muted">{plural(row.node.topics, 'topic')} below this level.</p>;
    const { key } = row;
    return (
        <>
            <Facts
                items={
                    key
                        ? [
                              ['Key', <code>{key.key || '(the whole payload)'}</code>],
                              ['Newest value', <code>{key.sample}</code>],
                              ['Kind', typesText(key)],
                              ['Values', rangeText(key) || '–'],
                              ['In', key.present >= 1 ? 'each message' : `${Math.round(key.present * 100)} % of the messages`],
                              ['Read by', key.tags?.length ? <TagLinks tags={key.tags} /> : 'no tag yet'],
                              ['Topic', <code>{topic.topic}</code>],
                          ]
                        : [
                              ['Topic', <code>{topic.topic}</code>],
                              ['Messages', `${countText(topic.messages)}, ${topic.retained ? 'the newest is retained' : rateText(topic)}`],
                              ['Newest', timeText(topic.newest_at)],
                              ['Format', `${topic.looks_like ?? topic.format}, ${bytesText(topic.bytes)}`],
                          ]
                }
            />
            {!key && topic.lost_keys > 0 && <p class="muted">Values of {plural(topic.lost_keys, 'key')} more did not fit.</p>}
            <h3>Newest payload</h3>
            <pre>{payloadText(topic)}</pre>
        </>
    );
}

// Which branches are open. A branch that is new is open if there are few topics.
function useOpen(): { isOpen: (node: TreeNode, total: number) => boolean; set: (path: string, open: boolean) => void; version: number } {
    const open = useRef(new Map<string, boolean>());
    const version = useSignal(0);
    return {
        isOpen: (node, total) => {
            let state = open.current.get(node.path);
            if (state === undefined) {
                const isWide = node.topics >= OPEN_LEVELS_BELOW && node.children.length <= OPEN_BRANCHES_MAX;
                state = node.topic ? total < OPEN_TOPICS_BELOW : total < OPEN_LEVELS_BELOW || isWide;
                open.current.set(node.path, state);
            }
            return state;
        },
        set: (path, state) => {
            open.current.set(path, state);
            version.value++;
        },
        version: version.value,
    };
}

interface HeardTreeProps {
    topics: HeardTopic[];
    needle: string;
    onlyNew: boolean;
    ticks: Signal<Ticks>;
    empty: preact.ComponentChildren;
}

export function HeardTree({ topics, needle, onlyNew, ticks, empty }: HeardTreeProps) {
    const selected = useSignal<string | null>(null);
    const opened = useOpen();
    const folded = foldText(needle.trim());
    const tree = useMemo(() => makeTree(topics, folded, onlyNew), [topics, folded, onlyNew]);
    // A search opens all that it finds, as long as that is little.
    const rows = useMemo(
        () => treeRows(tree, (node) => (folded && (tree.topics < OPEN_LEVELS_BELOW || !node.topic)) || opened.isOpen(node, tree.topics)),
        [tree, opened.version],
    );
    const toggle = (row: TreeRow) => row.kind !== 'key' && opened.set(row.id, !row.open);
    const tick = (row: TreeRow, on: boolean) => {
        const whole = !row.key && !folded;
        ticks.value = setTicks(ticks.value, newIds(row), on, whole ? row.node.path : null);
    };
    const isTicked = (row: TreeRow) => newIds(row).every((id) => ticks.value.values.has(id));
    const onKey = (event: KeyboardEvent, row: TreeRow) => {
        if (event.key === 'ArrowRight' && row.kind !== 'key' && !row.open) toggle(row);
        else if (event.key === 'ArrowLeft' && row.open) toggle(row);
        else if (event.key === ' ' && mayWrite.value) tick(row, !isTicked(row));
        else if (event.key === 'Escape') selected.value = null;
        else return;
        event.preventDefault();
    };
    const current = rows.find((row) => row.id === selected.value);
    const columns = useColumns(ticks.value, current !== undefined, tick, toggle);
    return (
        <div class={`heard ${current ? 'with-details' : ''}`}>
            <VirtualTable
                label="Topics and keys"
                kind="treegrid"
                columns={columns}
                items={rows}
                itemKey={(row) => row.id}
                rowHeight={30}
                rowAttributes={(row) => ({ 'aria-level': row.depth + 1, 'aria-expanded': row.kind === 'key' ? undefined : row.open })}
                selected={selected.value}
                onSelect={(key) => (selected.value = key)}
                onOpen={(row) => (row.key ? undefined : toggle(row))}
                onKey={onKey}
                anchored
                reveal={selected.value}
                empty={empty}
            />
            {current && (
                <Card
                    class="details"
                    title={current.name}
                    actions={
                        <Button kind="quiet" onClick={() => (selected.value = null)}>
                            Close
                        </Button>
                    }
                >
                    <RowFacts row={current} />
                </Card>
            )}
        </div>
    );
}
