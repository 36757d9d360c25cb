// Tables: one that draws only the rows on the screen, and a plain one.
import { useSignal } from '@preact/signals';
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';

export interface Column<Item> {
    id: string;
    title: string;
    width: string; // a track of CSS grid, such as minmax(8rem, 2fr)
    number?: boolean; // aligned to the right
    sort?: boolean; // the heading is a button that sorts
    render: (item: Item) => ComponentChildren;
}

export interface Sorting {
    by: string;
    down: boolean;
}

interface VirtualTableProps<Item> {
    label: string; // for screen readers
    columns: Column<Item>[];
    items: Item[];
    itemKey: (item: Item) => string;
    rowHeight?: number; // px
    rowClass?: (item: Item) => string;
    selected?: string | null; // the key of an item
    onSelect?: (key: string | null) => void;
    onOpen?: (item: Item) => void; // Enter or a click
    sorting?: Sorting;
    onSort?: (sorting: Sorting) => void;
    memory?: { top: number }; // keeps where the table was scrolled to while it is not shown
    recycle?: boolean; // rows that leave the window draw those that enter it: for cells without own state
    empty?: ComponentChildren;
    kind?: 'grid' | 'treegrid';
    rowAttributes?: (item: Item) => { 'aria-level'?: number; 'aria-expanded'?: boolean | undefined };
    onKey?: (event: KeyboardEvent, item: Item) => void; // other keys, for the selected row
    anchored?: boolean; // rows that come or go above the window do not move it
    reveal?: string | null; // the key of an item: scrolls to it when this changes
    onRange?: (first: number, end: number) => void; // the rows that are drawn, for lists that are read in pages
}

const OVERSCAN = 8; // rows drawn above and below the window

interface CellsProps<Item> {
    item: Item;
    columns: Column<Item>[];
}

function Cells<Item>({ item, columns }: CellsProps<Item>) {
    return (
        <>
            {columns.map((column) => (
                <div key={column.id} role="gridcell" class={column.number ? 'number' : ''}>
                    {column.render(item)}
                </div>
            ))}
        </>
    );
}

// One odd item shows its fault in its own row; the others are not touched.
class RowShield<Item> extends Component<CellsProps<Item>, { fault: string }> {
    override state = { fault: '' };

    static getDerivedStateFromError(error: unknown) {
        return { fault: String(error) };
    }

    override componentDidUpdate(before: CellsProps<Item>) {
        if (this.state.fault && before.item !== this.props.item) this.setState({ fault: '' });
    }

    override render() {
        if (!this.state.fault) return <Cells {...this.props} />;
        return (
            <div role="gridcell" class="row-fault">
                This row cannot be shown: {this.state.fault}
            </div>
        );
    }
}

interface RowProps<Item> extends CellsProps<Item> {
    id: string;
    index: number;
    height: number;
    selected: boolean;
    class: string;
    tracks: string;
    'aria-level'?: number;
    'aria-expanded'?: boolean | undefined;
}

// A row is drawn again only when its own properties change, not when the table scrolls.
class TableRow<Item> extends Component<RowProps<Item>> {
    override shouldComponentUpdate(next: Readonly<RowProps<Item>>) {
        return (Object.keys(next) as (keyof RowProps<Item>)[]).some((name) => next[name] !== this.props[name]);
    }

    override render() {
        const { id, index, height, selected, tracks, item, columns } = this.props;
        return (
            <div
                id={id}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={selected}
                aria-level={this.props['aria-level']}
                aria-expanded={this.props['aria-expanded']}
                class={`table-row ${this.props.class}`}
                style={{ gridTemplateColumns: tracks, height: `${height}px`, transform: `translateY(${index * height}px)` }}
            >
                <RowShield item={item} columns={columns} />
            </div>
        );
    }
}

// Which of `count` rows of equal height to draw in a frame that scrolls. They change in steps of four, so
// that scrolling draws seldom.
export function useWindow(count: number, rowHeight: number, memory?: { top: number }) {
    const frame = useRef<HTMLDivElement>(null);
    const top = useSignal(0);
    const height = useSignal(600);
    useLayoutEffect(() => {
        const element = frame.current!;
        const observer = new ResizeObserver(() => (height.value = element.clientHeight));
        observer.observe(element);
        if (memory) element.scrollTop = top.value = memory.top;
        return () => observer.disconnect();
    }, []);
    const first = Math.max(0, Math.floor(top.value / rowHeight / 4) * 4 - OVERSCAN);
    const most = Math.ceil(height.value / rowHeight) + 2 * OVERSCAN + 4;
    const last = Math.min(count, first + most);
    return { frame, top, height, first, last, most };
}

// A table of any number of rows of equal height. It scrolls in itself; the arrow keys select, Enter opens.
export function VirtualTable<Item>(props: VirtualTableProps<Item>) {
    const { columns, items, itemKey, rowHeight = 36, selected = null } = props;
    const id = useId();
    const { frame, top, height, first, last, most } = useWindow(items.length, rowHeight, props.memory);
    const selectedAt = selected === null ? -1 : items.findIndex((item) => itemKey(item) === selected);

    // The row at the top of the window, and how far it is scrolled.
    const anchor = useRef<{ key: string; past: number } | null>(null);
    useLayoutEffect(() => {
        const element = frame.current!;
        const kept = anchor.current;
        if (!props.anchored || !kept || element.scrollTop === 0) return;
        const index = items.findIndex((item) => itemKey(item) === kept.key);
        if (index >= 0) element.scrollTop = index * rowHeight + kept.past;
    }, [items]);
    useLayoutEffect(() => {
        const index = props.reveal ? items.findIndex((item) => itemKey(item) === props.reveal) : -1;
        if (index >= 0) scrollTo(index);
    }, [props.reveal]);
    useEffect(() => props.onRange?.(first, last), [first, last, items.length]);
    const onScroll = (element: HTMLElement) => {
        top.value = element.scrollTop;
        if (props.memory) props.memory.top = element.scrollTop;
        const index = Math.floor(element.scrollTop / rowHeight);
        const item = items[index];
        anchor.current = item === undefined ? null : { key: itemKey(item), past: element.scrollTop - index * rowHeight };
    };

    const scrollTo = (at: number) => {
        const element = frame.current!;
        const head = element.firstElementChild!.clientHeight;
        if (at * rowHeight < element.scrollTop) element.scrollTop = at * rowHeight;
        else if ((at + 1) * rowHeight + head > element.scrollTop + element.clientHeight)
            element.scrollTop = (at + 1) * rowHeight + head - element.clientHeight;
    };
    const moveTo = (index: number) => {
        const at = Math.max(0, Math.min(items.length - 1, index));
        const item = items[at];
        if (item === undefined) return;
        props.onSelect?.(itemKey(item));
        scrollTo(at);
    };
    const onKeyDown = (event: KeyboardEvent) => {
        const page = Math.max(1, Math.floor(height.value / rowHeight) - 1);
        const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
        const step = steps[event.key];
        if (event.target !== frame.current) return;
        if (step !== undefined) {
            event.preventDefault();
            moveTo(selectedAt < 0 && Number.isFinite(step) ? Math.floor(top.value / rowHeight) : selectedAt + step);
        } else if (event.key === 'Enter' && selectedAt >= 0) {
            props.onOpen?.(items[selectedAt]!);
        } else if (selectedAt >= 0) {
            props.onKey?.(event, items[selectedAt]!);
        }
    };
    const onClick = (event: MouseEvent) => {
        const target = event.target as Element;
        const row = target.closest('.table-row');
        if (!row || target.closest('a, button, input, select, label')) return;
        if (getSelection()?.toString()) return; // a text is being selected
        const item = items[Number(row.getAttribute('aria-rowindex')) - 2];
        if (item === undefined) return;
        props.onSelect?.(itemKey(item));
        props.onOpen?.(item);
    };
    const tracks = columns.map((column) => column.width).join(' ');
    const sortBy = (column: Column<Item>) => props.onSort?.({ by: column.id, down: props.sorting?.by === column.id && !props.sorting.down });

    return (
        <div
            class="table"
            ref={frame}
            role={props.kind ?? 'grid'}
            tabIndex={0}
            aria-label={props.label}
            aria-rowcount={items.length + 1}
            aria-activedescendant={selectedAt >= first && selectedAt < last ? `${id}-${selectedAt}` : undefined}
            onScroll={(event) => onScroll(event.currentTarget)}
            onKeyDown={onKeyDown}
        >
            <div class="table-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: tracks }}>
                {columns.map((column) => {
                    const mine = props.sorting?.by === column.id;
                    const direction = mine ? (props.sorting!.down ? 'descending' : 'ascending') : undefined;
                    return (
                        <div key={column.id} role="columnheader" class={column.number ? 'number' : ''} aria-sort={direction}>
                            {column.sort && props.onSort ? (
                                <button type="button" onClick={() => sortBy(column)}>
                                    {column.title}
                                    <span aria-hidden="true" class="arrow">
                                        {mine ? (props.sorting!.down ? '▾' : '▴') : ''}
                                    </span>
                                </button>
                            ) : (
                                column.title
                            )}
                        </div>
                    );
                })}
            </div>
            <div class="table-body" role="rowgroup" style={{ height: `${items.length * rowHeight}px` }} onClick={onClick}>
                {items.slice(first, last).map((item, offset) => {
                    const index = first + offset;
                    const key = itemKey(item);
                    return (
                        <TableRow
                            key={props.recycle ? index % most : key}
                            id={`${id}-${index}`}
                            index={index}
                            height={rowHeight}
                            selected={key === selected}
                            class={props.rowClass?.(item) ?? ''}
                            tracks={tracks}
                            item={item}
                            columns={columns}
                            {...props.rowAttributes?.(item)}
                        />
                    );
                })}
            </div>
            {items.length === 0 && props.empty && (
                <div role="rowgroup">
                    <div role="row">
                        <div role="gridcell">{props.empty}</div>
                    </div>
                </div>
            )}
        </div>
    );
}

// A table for tens of rows.
export function PlainTable<Item>({ label, columns, items, itemKey, rowClass, empty }: Pick<VirtualTableProps<Item>, 'label' | 'columns' | 'items' | 'itemKey' | 'rowClass' | 'empty'>) {
    const frame = useRef<HTMLDivElement>(null);
    const scrolls = useSignal(false);
    useEffect(() => {
        const element = frame.current!;
        scrolls.value = element.scrollWidth > element.clientWidth;
    });
    return (
        <div class="plain-table" ref={frame} {...(scrolls.value ? { tabIndex: 0, role: 'region', 'aria-label': label } : {})}>
            <table aria-label={label}>
                <thead>
                    <tr>
                        {columns.map((column) => (
                            <th key={column.id} scope="col" class={column.number ? 'number' : ''}>
                                {column.title}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {items.map((item) => (
                        <tr key={itemKey(item)} class={rowClass?.(item)}>
                            {columns.map((column) => (
                                <td key={column.id} class={column.number ? 'number' : ''}>
                                    {column.render(item)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
            {items.length === 0 && empty}
        </div>
    );
}
