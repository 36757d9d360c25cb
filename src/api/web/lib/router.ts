// The place in the page: the part of the address after #, such as #/tags/boiler-7/temp?from=live.
import { signal } from '@preact/signals';

export interface Place {
    parts: string[];
    query: URLSearchParams;
}

function readPlace(): Place {
    const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
    const parts = path.split('/').filter(Boolean).map((part) => {
        try {
            return decodeURIComponent(part);
        } catch {
            return part; // an address that somebody wrote by hand
        }
    });
    return { parts, query: new URLSearchParams(query) };
}

export const place = signal<Place>(readPlace());

// The address of a place.
export function linkTo(...parts: (string | number)[]): string {
    return '#/' + parts.map((part) => encodeURIComponent(part)).join('/');
}

export function go(link: string): void {
    location.hash = link;
}

// Changes the query of the place without a new entry in the browser's history.
export function setQuery(changes: Record<string, string | null>): void {
    const query = new URLSearchParams(place.value.query);
    for (const [name, value] of Object.entries(changes)) {
        if (value) query.set(name, value);
        else query.delete(name);
    }
    const text = query.toString();
    const path = location.hash.split('?', 1)[0] || '#/';
    history.replaceState(null, '', path + (text && `?${text}`));
    place.value = { parts: place.value.parts, query };
}

// Work that is not saved. While there is some, leaving the place asks first.
let unsaved: { ask: () => Promise<boolean> } | null = null;
let here = location.hash;
let going = false;

// `ask` resolves to true if the work may be lost. Returns the function that takes the guard away.
export function guardUnsaved(ask: () => Promise<boolean>): () => void {
    const guard = { ask };
    unsaved = guard;
    return () => {
        if (unsaved === guard) unsaved = null;
    };
}

addEventListener('hashchange', async () => {
    if (unsaved && !going) {
        const wanted = location.hash;
        if (wanted === here) return;
        history.replaceState(null, '', here || '#/');
        if (!(await unsaved.ask())) return;
        unsaved = null;
        going = true;
        location.hash = wanted;
        return;
    }
    going = false;
    here = location.hash;
    place.value = readPlace();
});

addEventListener('beforeunload', (event) => {
    if (unsaved) event.preventDefault();
});
