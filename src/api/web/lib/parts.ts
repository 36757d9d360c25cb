// The parts of the gateway that /readyz tells of, in words.
import { signal } from '@preact/signals';
import parts from '../../../common/words/parts.json';
import { Problem, send } from './api';
import { partReasons, titlesOf, wordsOf } from './remedies';
import type { Readiness, ReadinessPart } from './types';

export const partWords = titlesOf(parts);

// As it was read last, for whoever does not read it itself; null when nobody answered.
export const readiness = signal<Readiness | null>(null);

// /readyz answers 503 with the same body when a part is down.
export async function readReadiness(signal: AbortSignal): Promise<Readiness> {
    const body = (await (await send('GET', 'readyz', { signal })).json()) as Readiness & { detail?: string };
    if (partsOf(body).length === 0) throw new Problem(503, 'Not ready', body.detail ?? 'tagferry-api cannot tell its state.');
    return body;
}

export function partsOf(readiness: Readiness): [string, ReadinessPart][] {
    return Object.entries(readiness).filter((entry): entry is [string, ReadinessPart] => typeof entry[1] === 'object' && entry[1] !== null && 'state' in entry[1]);
}

// The parts that are down, without those that are down only because another one is.
export function partsDown(readiness: Readiness): [string, ReadinessPart][] {
    return partsOf(readiness).filter(([, part]) => part.state !== 'up' && part.reason !== 'mqttd_down');
}

// "The MQTT broker cannot be reached", at the begin of a line.
export function partSentence(name: string, part: Pick<ReadinessPart, 'state' | 'reason'>): string {
    return partText(name, part).replace(/^the /, 'The ');
}

// "the MQTT broker cannot be reached"
export function partText(name: string, part: Pick<ReadinessPart, 'state' | 'reason'>): string {
    const words = partWords[name] ?? name;
    if (part.state === 'up') return `${words} works`;
    return `${words} ${part.reason ? wordsOf(partReasons, part.reason).title : 'does not work'}`;
}
