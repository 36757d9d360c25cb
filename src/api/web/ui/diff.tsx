// What differs between two states of an object, member by member.
import { memberOf } from '../lib/members';
import type { Difference } from '../lib/types';

// "/modbus/scale" as "modbus.scale".
export function memberText(pointer: string): string {
    return pointer
        .split('/')
        .slice(1)
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
        .join('.');
}

export function jsonText(value: unknown): string {
    return value === undefined ? '' : typeof value === 'string' ? value || '""' : JSON.stringify(value);
}

function isGroup(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// The members in which two objects differ, groups such as mqtt and modbus member by member.
export function differencesOf(before: unknown, after: unknown, pointer = ''): Difference[] {
    if (isGroup(before) || isGroup(after)) {
        const one = isGroup(before) ? before : {};
        const other = isGroup(after) ? after : {};
        const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
        return names.flatMap((name) =>
            differencesOf(memberOf(one, name), memberOf(other, name), `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
        );
    }
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ pointer, before, after }];
}

// In one line, as long as the place for it: modbus.scale 1 → 0.1, unit "" → °C
export function differencesText(differences: Difference[]): string {
    return differences
        .map(({ pointer, before, after }) =>
            before === undefined || before === null
                ? `${memberText(pointer)} ${jsonText(after)}`
                : `${memberText(pointer)} ${jsonText(before)} → ${jsonText(after)}`,
        )
        .join(', ');
}

export function DiffTable({ differences }: { differences: Difference[] }) {
    return (
        <div class="plain-table">
            <table class="diff">
                <thead>
                    <tr>
                        <th scope="col">Member</th>
                        <th scope="col">Before</th>
                        <th scope="col">After</th>
                    </tr>
                </thead>
                <tbody>
                    {differences.map(({ pointer, before, after }) => (
                        <tr key={pointer}>
                            <th scope="row">{memberText(pointer)}</th>
                            <td>{jsonText(before)}</td>
                            <td>{jsonText(after)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
