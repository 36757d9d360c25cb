// The grid of the register map: lines of registers with their owners and words, gaps in one line.
import { useId, useLayoutEffect } from 'preact/hooks';
import { capitalText, countText, tableWords } from '../lib/format';
import { linkTo } from '../lib/router';
import { isBitTable, modiconText, ownersIn, REGISTER_MAX, type MapLine, type RegisterOwner, type RegisterPlace } from '../lib/registers';
import { useWindow } from '../ui/table';

export const LINE_HEIGHT = 46;

export function ownerName(owner: RegisterOwner): string {
    return `${owner.device}/${owner.tag ?? 'status block'}`;
}

export function ownerLink(owner: RegisterOwner): string {
    return owner.tag === null ? linkTo('devices', owner.device) : linkTo('tags', owner.device, owner.tag);
}

export function wordText(word: number | undefined, place: RegisterPlace, isHex: boolean): string {
    if (word === undefined) return '·';
    if (isBitTable(place.table)) return word ? '1' : '0';
    return isHex ? word.toString(16).padStart(4, '0').toUpperCase() : String(word);
}

interface GridProps {
    place: RegisterPlace;
    owners: RegisterOwner[];
    shades: Map<RegisterOwner, number>;
    lines: MapLine[];
    columns: number;
    words: Map<number, number>;
    isHex: boolean;
    isOld: boolean; // the words are not current
    selected: number | null;
    onSelect: (address: number) => void; // by the keyboard, or a click
    onHover: (address: number | null) => void;
    onOpen: (address: number) => void;
    onVisible: (starts: number[]) => void; // the lines in the window
}

interface CellProps {
    grid: GridProps;
    id: string;
    address: number;
    owners: RegisterOwner[];
    span: number; // registers of the owner from here to the end of its line
    isBegin: boolean; // of an owner's part of this line
}

function cellName({ place, words, isHex }: GridProps, address: number, owners: RegisterOwner[]): string {
    const owned = owners.length ? owners.map(ownerName).join(', ') : 'free';
    return `${tableWords[place.table]} ${address}, ${wordText(words.get(address), place, isHex)}, ${owned}`;
}

function Cell({ grid, id, address, owners, span, isBegin }: CellProps) {
    const owner = owners[0];
    const isFirst = owner !== undefined && address === owner.first;
    const isLast = owner !== undefined && address === Math.max(...owners.map((one) => one.last));
    const shade = owner ? `owned shade-${grid.shades.get(owner) ?? 0}` : 'free';
    return (
        <div
            id={`${id}-${address}`}
            role="gridcell"
            aria-selected={address === grid.selected}
            aria-label={cellName(grid, address, owners)}
            class={`register ${shade} ${isFirst ? 'first' : ''} ${isLast ? 'last' : ''}`}
            onClick={() => grid.onSelect(address)}
            onDblClick={() => grid.onOpen(address)}
            onMouseEnter={() => grid.onHover(address)}
        >
            {owner && isBegin && (
                <span class="owner" style={{ '--span': String(span) }} title={owners.map(ownerName).join('\n')}>
                    {owners.length > 1 ? `${owners.length} tags` : `${isFirst ? '' : '… '}${owner.tag ?? `${owner.device} status`}`}
                </span>
            )}
            <code class="word">{wordText(grid.words.get(address), grid.place, grid.isHex)}</code>
        </div>
    );
}

// The cells of one line, and what each shows of its owner.
function lineCells(grid: GridProps, id: string, start: number) {
    const end = Math.min(start + grid.columns - 1, REGISTER_MAX);
    const found = ownersIn(grid.owners, start, end);
    const cells = [];
    let before = '';
    for (let address = start; address <= end; address++) {
        const owners = found.filter((owner) => owner.first <= address && owner.last >= address);
        const name = owners.map((owner) => `${owner.first} ${owner.bit} ${owner.byte} ${ownerName(owner)}`).join();
        const isBegin = name !== before;
        before = name;
        const last = owners.length === 1 ? Math.min(end, owners[0]!.last) : address;
        cells.push(<Cell key={address} grid={grid} id={id} address={address} owners={owners} span={last - address + 1} isBegin={isBegin} />);
    }
    return cells;
}

function GapRow({ line, place, onSelect }: { line: MapLine; place: RegisterPlace; onSelect: (address: number) => void }) {
    const { first, last } = line.gap!;
    const count = last - first + 1;
    return (
        <div role="gridcell" class="gap" onClick={() => onSelect(first)}>
            {capitalText(tableWords[place.table])}
            {count > 1 ? 's' : ''} {count > 1 ? `${first}–${last}` : first}: free
            <span class="muted"> ({countText(count)})</span>
        </div>
    );
}

export function RegisterGrid(grid: GridProps) {
    const { lines, columns, place, selected } = grid;
    const id = useId();
    const { frame, top, height, first, last } = useWindow(lines.length, LINE_HEIGHT);
    const from = Math.floor(top.value / LINE_HEIGHT);
    const visible = lines.slice(from, from + Math.ceil(height.value / LINE_HEIGHT) + 1).filter((line) => !line.gap);
    const shown = visible.map((line) => line.start).join();
    useLayoutEffect(() => grid.onVisible(visible.map((line) => line.start)), [shown]);

    const lineAt = selected === null ? -1 : lines.findIndex((line) => !line.gap && line.start <= selected && selected < line.start + columns);
    useLayoutEffect(() => {
        const element = frame.current!;
        const head = element.firstElementChild!.clientHeight;
        if (lineAt < 0) return;
        if (lineAt * LINE_HEIGHT < element.scrollTop) element.scrollTop = lineAt * LINE_HEIGHT;
        else if ((lineAt + 1) * LINE_HEIGHT + head > element.scrollTop + element.clientHeight)
            element.scrollTop = (lineAt + 1) * LINE_HEIGHT + head - Math.floor(element.clientHeight / 2);
    }, [lineAt, lines]);

    const move = (event: KeyboardEvent) => {
        const page = columns * Math.max(1, Math.floor(height.value / LINE_HEIGHT) - 1);
        const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, PageDown: page, PageUp: -page };
        const step = steps[event.key];
        if (event.key === 'Enter' && selected !== null) grid.onOpen(selected);
        if (step === undefined && event.key !== 'Home' && event.key !== 'End') return;
        event.preventDefault();
        const registers = lines.filter((line) => !line.gap);
        const edge = (line: MapLine | undefined, end: number) => line && grid.onSelect(Math.min(line.start + end, REGISTER_MAX));
        if (event.key === 'Home') return edge(registers[0], 0);
        if (event.key === 'End') return edge(registers[registers.length - 1], columns - 1);
        if (selected === null) return edge(visible[0] ?? registers[0], 0);
        // Beyond the lines that are shown the selection goes to the next line, over the gap.
        const wanted = selected + step!;
        const column = selected % columns;
        const own = registers.find((line) => line.start <= wanted && wanted < line.start + columns);
        if (own) return grid.onSelect(Math.min(wanted, REGISTER_MAX));
        const next = step! > 0 ? registers.find((line) => line.start > selected) : [...registers].reverse().find((line) => line.start + columns <= selected);
        const isSideways = Math.abs(step!) === 1;
        edge(next, isSideways ? (step! > 0 ? 0 : columns - 1) : column);
    };

    const tracks = { gridTemplateColumns: `5.5rem repeat(${columns}, minmax(0, 1fr))` };
    return (
        <div
            class={`table registers ${grid.isOld ? 'old' : ''}`}
            ref={frame}
            role="grid"
            tabIndex={0}
            aria-label={`${tableWords[place.table]}s`}
            aria-rowcount={lines.length + 1}
            aria-activedescendant={lineAt >= first && lineAt < last ? `${id}-${selected}` : undefined}
            onScroll={(event) => (top.value = event.currentTarget.scrollTop)}
            onKeyDown={move}
            onMouseLeave={() => grid.onHover(null)}
        >
            <div class="table-head" role="row" aria-rowindex={1} style={tracks}>
                <div role="columnheader">Offset</div>
                {Array.from({ length: columns }, (_, index) => (
                    <div key={index} role="columnheader" class="register-head">
                        +{index}
                    </div>
                ))}
            </div>
            <div class="table-body" role="rowgroup" style={{ height: `${lines.length * LINE_HEIGHT}px` }}>
                {lines.slice(first, last).map((line, offset) => (
                    <div
                        key={line.gap ? `gap-${line.start}` : line.start}
                        role="row"
                        aria-rowindex={first + offset + 2}
                        class={`table-row ${line.gap ? 'gap-row' : ''}`}
                        style={{ ...(line.gap ? {} : tracks), height: `${LINE_HEIGHT}px`, transform: `translateY(${(first + offset) * LINE_HEIGHT}px)` }}
                    >
                        {line.gap ? (
                            <GapRow line={line} place={place} onSelect={grid.onSelect} />
                        ) : (
                            <>
                                <div role="rowheader" class="line-head">
                                    {line.start}
                                    <span class="muted">{modiconText(place.table, line.start)}</span>
                                </div>
                                {lineCells(grid, id, line.start)}
                            </>
                        )}
                    </div>
                ))}
            </div>
        </div>
    );
}
