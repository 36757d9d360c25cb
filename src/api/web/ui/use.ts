// Hooks that several screens use.
import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../lib/api';

// True on a phone or a narrow window.
const narrow = matchMedia('(max-width: 719px)');
export const isNarrow = signal(narrow.matches);
narrow.addEventListener('change', () => (isNarrow.value = narrow.matches));

export interface Polled<Data> {
    data: Data | null; // the newest answer; kept while a later request fails
    problem: Problem | null; // of the newest request
    reload: () => void;
}

// Reads something now, again when `dependencies` change, and every `everyMs` while the tab is visible (0:
// only once); a function is asked after each reading. When `refreshOn` changes, it is read again, too, and the answer is
// shown until the next one is there. The reader gets a signal that aborts it when its answer is not needed any more.
export function usePolled<Data>(
    read: (signal: AbortSignal) => Promise<Data>,
    everyMs: number | (() => number),
    dependencies: unknown[],
    refreshOn: unknown[] = [],
): Polled<Data> {
    const state = useSignal<{ data: Data | null; problem: Problem | null }>({ data: null, problem: null });
    const again = useRef<() => void>(() => {});
    useEffect(() => {
        let timer = 0;
        let abort = new AbortController();
        let over = false;
        const pause = () => (typeof everyMs === 'function' ? everyMs() : everyMs);
        const run = async () => {
            clearTimeout(timer);
            abort.abort();
            const mine = (abort = new AbortController());
            try {
                const data = await read(mine.signal);
                if (!over && mine === abort) state.value = { data, problem: null };
            } catch (error) {
                if (over || mine !== abort) return;
                const problem = error instanceof Problem ? error : new Problem(0, 'Error', String(error));
                state.value = { data: state.value.data, problem };
            }
            if (!over && mine === abort && pause() > 0) timer = window.setTimeout(() => !document.hidden && run(), pause());
        };
        const wake = () => pause() > 0 && !document.hidden && run();
        again.current = run;
        state.value = { data: null, problem: null };
        void run();
        document.addEventListener('visibilitychange', wake);
        return () => {
            over = true;
            clearTimeout(timer);
            abort.abort();
            document.removeEventListener('visibilitychange', wake);
        };
    }, dependencies);
    const isFirst = useRef(true);
    useEffect(() => {
        if (!isFirst.current) again.current();
        isFirst.current = false;
    }, refreshOn);
    return { ...state.value, reload: () => again.current() };
}

// The newest answer that there was for this key: what is shown stays while it is read again.
export function useKept<Data>(data: Data | null, key: string): Data | null {
    const kept = useRef({ key, data });
    if (data !== null || kept.current.key !== key) kept.current = { key, data };
    return kept.current.data;
}

export function useTitle(title: string): void {
    useEffect(() => {
        document.title = title ? `${title} – Tagferry` : 'Tagferry';
    }, [title]);
}

// Scrolls the marked part of a long text to the middle of its box, when it is first shown and when `of` changes.
export function useMarkInView(of: string) {
    const box = useRef<HTMLPreElement>(null);
    useEffect(() => {
        const mark = box.current?.querySelector('mark');
        if (box.current && mark) box.current.scrollTop += mark.getBoundingClientRect().top - box.current.getBoundingClientRect().top - box.current.clientHeight / 2;
    }, [of]);
    return box;
}
