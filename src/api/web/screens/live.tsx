// Live: every tag with its newest value, first of all what is wrong.
import { signal, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useDevices } from '../lib/devices';
import { countText, plural, shortReasonWords, tableWords } from '../lib/format';
import { leader, mayChange } from '../lib/gateways';
import { link, LIVE_MAX, rows as allRows, tagTotal, type Row } from '../lib/live';
import { go, linkTo, setQuery } from '../lib/router';
import { Button, Empty, Heading, LeaderLink, Loading } from '../ui/basic';
import { CommittedInput } from '../ui/form';
import { CauseList } from '../ui/causes';
import { VirtualTable } from '../ui/table';
import { isNarrow, useTitle } from '../ui/use';
import { narrowColumns, wideColumns } from './live-columns';
import { clearFilters, readChoice, setSorting, useCauses, useListed, type Choice, type Counts, type Show, type Use } from './live-list';
import { PagedTags } from './live-paged';

export const ROW_HEIGHT = 46;

const showWords: [Show, string][] = [
    ['wrong', 'Only what is wrong'],
    ['all', 'All'],
    ['bad', 'Bad'],
    ['stale', 'Stale'],
    ['never', 'Never'],
    ['good', 'Good'],
];

function ShowButtons({ show, counts }: { show: Show; counts: Counts | null }) {
    return (
        <div class="shows" role="group" aria-label="Filter by quality">
            {showWords.map(([id, word]) => (
                <button key={id} type="button" class={`show ${id}${counts && counts[id] > 0 ? ' some' : ''}`} aria-pressed={show === id} onClick={() => setQuery({ show: id === 'all' ? null : id, after: null })}>
                    {word} <span class="count">{counts ? countText(counts[id]) : ''}</span>
                </button>
            ))}
        </div>
    );
}

const DEVICES_LISTED = 500;

function DeviceFilter({ device }: { device: string }) {
    const names = [...useDevices().keys()];
    const choose = (name: string) => setQuery({ device: name || null, after: null });
    if (names.length > DEVICES_LISTED)
        return <CommittedInput aria-label="Device" placeholder="Device: exact name" value={device} onCommit={choose} />;
    if (device && !names.includes(device)) names.unshift(device);
    return (
        <select aria-label="Device" value={device} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">All devices</option>
            {names.map((name) => (
                <option key={name} value={name}>
                    {name}
                </option>
            ))}
        </select>
    );
}

// The text of the search goes into the address when typing pauses.
function SearchField({ needle }: { needle: string }) {
    const text = useSignal(needle);
    const given = useSignal(needle);
    if (given.peek() !== needle) {
        given.value = needle;
        text.value = needle;
    }
    useEffect(() => {
        if (text.value === needle) return undefined;
        const timer = setTimeout(() => {
            given.value = text.value;
            setQuery({ q: text.value || null, after: null });
        }, 150);
        return () => clearTimeout(timer);
    }, [text.value, needle]);
    return <input type="search" aria-label="Search" placeholder="Search tag, topic, address" value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />;
}

export function FilterBar({ choice, counts }: { choice: Choice; counts: Counts | null }) {
    return (
        <div class="filters">
            <ShowButtons show={choice.show} counts={counts} />
            <DeviceFilter device={choice.device} />
            <select aria-label="Table" value={choice.table} onChange={(event) => setQuery({ table: event.currentTarget.value || null, after: null })}>
                <option value="">All tables</option>
                {Object.entries(tableWords).map(([table, word]) => (
                    <option key={table} value={table}>
                        {word}s
                    </option>
                ))}
            </select>
            {choice.reason && (
                <Button onClick={() => setQuery({ reason: null, after: null })} title="Show all reasons again">
                    Only: {shortReasonWords[choice.reason] ?? choice.reason} ✕
                </Button>
            )}
            <SearchField needle={choice.needle} />
        </div>
    );
}

// No tag at all: what to do first.
function NoTags() {
    if (leader.value)
        return (
            <Empty title="No tags yet">
                <p>
                    Devices and tags are set up at the leader, <LeaderLink url={leader.value} />.
                </p>
            </Empty>
        );
    if (!mayChange.value)
        return (
            <Empty title="No tags yet">
                <p>This token may only read. Ask somebody whose token may write to set up devices and tags.</p>
            </Empty>
        );
    return (
        <Empty title="No tags yet">
            <p>Tagferry can listen to your MQTT broker and propose devices and tags for what it hears.</p>
            <a class="button primary" href={linkTo('learn')} autofocus>
                Learn from the broker
            </a>
            <p>
                Or <a href={linkTo('transfer')}>import a file</a>, <a href={linkTo('profiles')}>make many equal devices</a> of one description, or <a href={linkTo('new-device')}>add a device by hand</a>.
            </p>
        </Empty>
    );
}

function NoMatch({ choice }: { choice: Choice }) {
    const onlyWrong = choice.show === 'wrong' && !choice.needle && !choice.device && !choice.table && !choice.reason;
    const countOf = (reason: string) => (onlyWrong ? [...allRows.values()].filter((row) => row.reason === reason).length : 0);
    const off = countOf('disabled');
    const elsewhere = countOf('other_gateway');
    return (
        <Empty title={onlyWrong ? 'Nothing is wrong' : 'No tag matches'}>
            {onlyWrong && <p>Every tag that is switched on here is good.</p>}
            {off > 0 && (
                <p>
                    <a href={`${linkTo('live')}?reason=disabled`}>{plural(off, 'tag is', 'tags are')} switched off</a>: messages for {off === 1 ? 'it' : 'them'} are not read.
                </p>
            )}
            {elsewhere > 0 && (
                <p>
                    <a href={`${linkTo('live')}?reason=other_gateway`}>{plural(elsewhere, 'tag is', 'tags are')} held by other gateways</a>: see their pages.
                </p>
            )}
            <Button onClick={clearFilters}>Show all tags</Button>
        </Empty>
    );
}

// They outlive the screen: who comes back from a tag finds the list as it was.
const memory = { top: 0 };
const selected = signal<string | null>(null);

export const rowClass = (row: Row) => (row.reason === 'other_gateway' ? 'elsewhere' : '');

export const openTag = (row: Row) => go(linkTo('tags', row.device, row.tag));

function LiveTags({ choice }: { choice: Choice }) {
    const use = useMemo<Use>(() => ({ at: 0 }), []);
    const { rows, counts, held } = useListed(choice, use);
    const causes = useCauses(choice, use);
    const columns = isNarrow.value ? narrowColumns : wideColumns;
    const note = () => (use.at = performance.now());
    return (
        <>
            <FilterBar choice={choice} counts={counts} />
            <CauseList causes={causes} />
            <div class="list" onPointerMove={note} onPointerDown={note} onWheel={note} onKeyDown={note} onTouchMove={note} onPointerLeave={() => (use.at = 0)}>
                <VirtualTable
                    label="Tags"
                    columns={columns}
                    items={rows}
                    itemKey={(row) => row.key}
                    rowHeight={ROW_HEIGHT}
                    selected={selected.value}
                    onSelect={(key) => (selected.value = key)}
                    onOpen={openTag}
                    sorting={choice.sorting}
                    onSort={setSorting}
                    memory={memory}
                    recycle
                    rowClass={rowClass}
                    anchored={!columns.find((column) => column.id === choice.sorting.by)?.moves}
                    empty={<NoMatch choice={choice} />}
                />
            </div>
            <p class="foot">
                {plural(rows.length, 'tag')}
                {rows.length !== tagTotal.value && tagTotal.value !== null && ` of ${countText(tagTotal.value)}`}
                {held && '. The order stands still while you use the list.'}
            </p>
        </>
    );
}

export function LiveScreen() {
    useTitle('Live');
    useDevices();
    const choice = readChoice();
    const total = tagTotal.value;
    return (
        <div class="screen full live">
            <Heading title="Live" />
            {total === null ? <Loading what={link.value === 'lost' ? 'Waiting for tagferry-api' : 'Reading the tags'} /> : total === 0 ? <NoTags /> : total > LIVE_MAX ? <PagedTags choice={choice} /> : <LiveTags choice={choice} />}
        </div>
    );
}
