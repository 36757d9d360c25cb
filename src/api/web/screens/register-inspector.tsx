// One register of the map: its words in every type and byte order, so that a wrong order is found by eye.
import type { ComponentChildren } from 'preact';
import { byteOrders, decodeText, isByteType, isSameOrder, lettersText, scaledText, typeWidths, wideOrders } from '../lib/decode';
import { capitalText, tableWords } from '../lib/format';
import { isBitTable, modiconText, type RegisterOwner, type RegisterPlace } from '../lib/registers';
import { Facts } from '../ui/basic';
import { ownerLink, ownerName } from './register-cells';

const statusWords = ['quality (192 good, 500 stale, 0 bad)', 'age of the newest message in s', 'messages', 'refused messages and values'];

// A number in the width of a column; its tooltip has all digits.
function shortText(text: string): string {
    return text.length > 9 && text !== '–' ? Number(text).toPrecision(4).replace('e+', 'e') : text;
}

function TypeTable({ words, coding }: { words: (number | undefined)[]; coding: RegisterOwner | null }) {
    const isOwn = (type: string, order: string) => {
        if (!coding || coding.type !== type) return false;
        const own = coding.byte_order ?? 'ABCD';
        if (isByteType(type)) return coding.byte === order;
        if (typeWidths[type] === 4) return isSameOrder(own, order);
        return typeWidths[type] === 1 ? (own === 'BADC' || own === 'DCBA') === (order === 'BADC') : own === order;
    };
    const cell = (type: string, order: string, span = 1) => (
        <td key={order} colSpan={span} class={isOwn(type, order) ? 'own' : ''} title={decodeText(words, type, order)}>
            {isOwn(type, order) ? decodeText(words, type, order) : shortText(decodeText(words, type, order))}
            {isOwn(type, order) && <span class="own-word"> this tag</span>}
        </td>
    );
    const typeCells = (type: string) => {
        if (isByteType(type)) return [cell(type, 'high', 2), cell(type, 'low', 2)];
        return typeWidths[type] === 1 ? [cell(type, 'ABCD', 2), cell(type, 'BADC', 2)] : byteOrders.map((order) => cell(type, order));
    };
    const known = words.slice(0, 4);
    const types = Object.keys(typeWidths).filter((type) => known.filter((word) => word !== undefined).length >= typeWidths[type]!);
    const wideTypes = types.filter((type) => typeWidths[type] === 4);
    const textWords = coding?.type === 'string' ? words : words.slice(0, 8);
    const textOwn = (isSwapped: boolean) => coding?.type === 'string' && (coding.byte_order === 'BADC' || coding.byte_order === 'DCBA') === isSwapped;
    return (
        <div class="decoded" tabIndex={0} role="region" aria-label="Values in every type and byte order">
            <table>
                <thead>
                    <tr>
                        <th scope="col">Type</th>
                        {byteOrders.map((order) => (
                            <th key={order} scope="col">
                                {order}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {types.map((type) => (
                        <tr key={type}>
                            <th scope="row">{isByteType(type) ? `${type}, high and low` : type}</th>
                            {typeCells(type)}
                        </tr>
                    ))}
                    <tr>
                        <th scope="row">text</th>
                        {['ABCD', 'BADC'].map((order) => (
                            <td key={order} colSpan={2} class={textOwn(order === 'BADC') ? 'own' : ''} title={lettersText(textWords, order)}>
                                {lettersText(textWords, order) || <span class="muted">empty</span>}
                                {textOwn(order === 'BADC') && <span class="own-word"> this tag</span>}
                            </td>
                        ))}
                    </tr>
                </tbody>
                {wideTypes.length > 0 && (
                    <tbody>
                        <tr>
                            <th scope="col">Type</th>
                            {wideOrders.map((order) => (
                                <th key={order} scope="col">
                                    {order}
                                </th>
                            ))}
                        </tr>
                        {wideTypes.map((type) => (
                            <tr key={type}>
                                <th scope="row">{type}</th>
                                {wideOrders.map((order) => cell(type, order))}
                            </tr>
                        ))}
                    </tbody>
                )}
            </table>
        </div>
    );
}

function Bits({ word, owners }: { word: number; owners: RegisterOwner[] }) {
    return (
        <div class="bits" role="img" aria-label={`Bits, 15 first: ${word.toString(2).padStart(16, '0')}`}>
            {Array.from({ length: 16 }, (_, index) => 15 - index).map((bit) => {
                const owner = owners.find((one) => one.bit === bit || (one.byte !== null && (one.byte === 'high') === bit >= 8));
                return (
                    <span key={bit} class={`${word & (1 << bit) ? 'set' : ''} ${owner ? 'own' : ''}`} title={owner ? ownerName(owner) : undefined}>
                        <small>{bit}</small>
                        {word & (1 << bit) ? 1 : 0}
                    </span>
                );
            })}
        </div>
    );
}

interface InspectorProps {
    place: RegisterPlace;
    address: number | null;
    owners: RegisterOwner[]; // of this register
    words: Map<number, number>;
}

export function RegisterInspector({ place, address, owners, words }: InspectorProps) {
    if (address === null)
        return (
            <aside class="card inspector" aria-label="Register">
                <p class="muted">Point at a register, or select one with the arrow keys, to see its value in every type and byte order.</p>
            </aside>
        );
    const owner = owners.length === 1 ? owners[0]! : null;
    const ownOrder = owner?.byte ?? owner?.byte_order ?? 'ABCD';
    const from = owner && owner.tag !== null && owner.bit === null && owner.byte === null ? owner.first : address;
    const last = owner && owner.type === 'string' ? owner.last : from + 7;
    const values = Array.from({ length: last - from + 1 }, (_, index) => words.get(from + index));
    const word = words.get(address);
    const facts: [ComponentChildren, ComponentChildren][] = [['Modicon', modiconText(place.table, address)]];
    if (word !== undefined) facts.push(['Content', isBitTable(place.table) ? (word ? '1 (on)' : '0 (off)') : `0x${word.toString(16).padStart(4, '0').toUpperCase()} = ${word}`]);
    if (owner?.tag === null) facts.push(['Status block', statusWords[address - owner.first] ?? '']);
    if (owner?.type && !isBitTable(place.table)) {
        facts.push(['Coding', `${owner.type}${owner.bit === null ? '' : `, bit ${owner.bit}`}${owner.byte ? `, ${owner.byte} byte` : typeWidths[owner.type] ? `, ${owner.byte_order}` : ''}`]);
        if (owner.first !== owner.last) facts.push(['Registers', `${owner.first}–${owner.last}`]);
        if (typeWidths[owner.type]) {
            if (owner.scale !== 1 || owner.offset !== 0) facts.push(['Scale', `register × ${owner.scale}${owner.offset ? ` ${owner.offset < 0 ? '−' : '+'} ${Math.abs(owner.offset)}` : ''}`]);
            facts.push(['Value', `${scaledText(values, owner.type, ownOrder, owner.scale, owner.offset)} ${owner.unit ?? ''}`]);
        }
    }
    return (
        <aside class="card inspector" aria-label="Register">
            <h2>
                {capitalText(tableWords[place.table])} {address}
            </h2>
            {owners.length === 0 && <p class="muted">Free: no tag has this register.</p>}
            {owners.map((one) => (
                <p key={ownerName(one)} class="owner-line">
                    <a href={ownerLink(one)}>{ownerName(one)}</a>
                    {one.bit !== null && <span class="muted"> bit {one.bit}</span>}
                    {one.byte !== null && <span class="muted"> {one.byte} byte</span>}
                    {one.gateway !== null && <span class="muted"> held by {one.gateway}</span>}
                </p>
            ))}
            <Facts items={facts} />
            {!isBitTable(place.table) && word !== undefined && (
                <>
                    {from !== address && <p class="muted">Read from register {from}, where the value begins:</p>}
                    <TypeTable words={values} coding={owner} />
                    <Bits word={word} owners={owners} />
                </>
            )}
            {word === undefined && <p class="muted">{place.gateway ? `The gateway ${place.gateway} has this register.` : place.server ? 'Tagferry has written or read nothing here yet.' : 'Not read yet.'}</p>}
        </aside>
    );
}
