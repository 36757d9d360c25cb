// The sign-in: a token, kept for this tab.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { signIn } from '../lib/session';
import { Button } from './basic';
import { Dialog } from './dialog';
import { TextField } from './form';
import { useTitle } from './use';

function TokenForm({ onDone, children, ...rest }: { onDone: () => void; children: ComponentChildren; class?: string }) {
    const text = useSignal('');
    const fault = useSignal('');
    const busy = useSignal(false);
    const submit = async (event: Event) => {
        event.preventDefault();
        busy.value = true;
        fault.value = (await signIn(text.value)) ?? '';
        busy.value = false;
        if (!fault.value) onDone();
    };
    return (
        <form {...rest} onSubmit={submit}>
            {children}
            <TextField
                label="Access token"
                value={text.value}
                onInput={(value) => (text.value = value)}
                faults={fault.value ? [{ code: 'token', detail: fault.value }] : []}
                attributes={{ type: 'password', autocomplete: 'current-password', autofocus: true, required: true }}
                help={
                    <>
                        Made on the gateway with <code>tagferry-api token add NAME</code>. It is kept until this tab is closed.
                    </>
                }
            />
            <div class="buttons">
                <Button type="submit" kind="primary" busy={busy.value} disabled={!text.value.trim()}>
                    Sign in
                </Button>
            </div>
        </form>
    );
}

export function SignIn({ onDone }: { onDone: () => void }) {
    useTitle('Sign in');
    return (
        <main class="signin">
            <TokenForm class="card" onDone={onDone}>
                <h1>Tagferry</h1>
            </TokenForm>
        </main>
    );
}

// Over a page whose token does not count any more: what was typed there stays.
export function SignInAgain({ onDone, onLeave }: { onDone: () => void; onLeave: () => void }) {
    return (
        <Dialog title="Sign in again" onClose={onLeave}>
            <TokenForm onDone={onDone}>
                <p>The access token is not accepted any more: it was revoked, or tokens are needed now. What you have typed stays. Esc signs out.</p>
            </TokenForm>
        </Dialog>
    );
}
