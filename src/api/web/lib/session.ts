// Who uses this page, and what they may do.
import { computed, signal } from '@preact/signals';
import { get, isToken, isTokenRefused, needsToken, pathOf, Problem, setToken, token } from './api';
import type { Session } from './types';

export const session = signal<Session | null>(null);
// False hides what a token that may only read would be refused.
export const mayWrite = computed(() => session.value?.scope === 'write');

// The page has nothing to show before a token is given.
export const isSignedOut = computed(() => needsToken.value && session.value === null);
// The token was accepted once and is not any more: what is on the page stays until there is another one.
export const isTokenLost = computed(() => needsToken.value && session.value !== null);

const refused = (error: unknown) => error instanceof Problem && isTokenRefused(error.status);

const askWho = () => get<Session>(pathOf('session'), { withAnyToken: true });

// Reads who the token is. Throws a Problem if nobody answers; a refused token asks for another one.
export async function readSession(): Promise<void> {
    try {
        session.value = await askWho();
        needsToken.value = false;
    } catch (error) {
        if (!refused(error)) throw error;
        setToken('');
        needsToken.value = true;
    }
}

// Tries a token: null if it is accepted, else why not. A token that is not accepted is not kept.
export async function signIn(text: string): Promise<string | null> {
    const given = text.trim();
    const before = token.value;
    if (!isToken(given)) return 'This is no token: it has letters, digits and _ only. Check that it was copied whole.';
    setToken(given);
    try {
        session.value = await askWho();
        needsToken.value = false;
        return null;
    } catch (error) {
        setToken(before);
        if (error instanceof Problem && error.status === 401)
            return 'This token is not accepted. Check that it was copied whole, and that it was not revoked.';
        return (error as Error).message;
    }
}

export function signOut(): void {
    setToken('');
    session.value = null;
    needsToken.value = true;
}
