// Dialogs: the browser keeps the focus inside, Esc cancels.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from './basic';

export function Dialog({ title, onClose, wide = false, children }: { title: ComponentChildren; onClose: () => void; wide?: boolean; children: ComponentChildren }) {
    const element = useRef<HTMLDialogElement>(null);
    const id = useId();
    // At once, not after the next frame: what is typed right after the click must reach the dialog.
    useLayoutEffect(() => {
        const dialog = element.current!;
        dialog.showModal();
        return () => dialog.close();
    }, []);
    return (
        <dialog
            ref={element}
            class={wide ? 'wide' : ''}
            aria-labelledby={id}
            onCancel={(event) => {
                event.preventDefault();
                onClose();
            }}
        >
            <h2 id={id}>{title}</h2>
            {children}
        </dialog>
    );
}

interface Question {
    title: string;
    text: ComponentChildren;
    yes: string;
    danger: boolean;
    answer: (yes: boolean) => void;
}

const question = signal<Question | null>(null);

// Asks; resolves to false after Esc or Cancel.
export function ask(title: string, text: ComponentChildren, yes: string, danger = false): Promise<boolean> {
    question.value?.answer(false);
    return new Promise((answer) => {
        question.value = { title, text, yes, danger, answer };
    });
}

// Shows the question of `ask`. The page has one.
export function QuestionHost() {
    const asked = question.value;
    if (!asked) return null;
    const close = (yes: boolean) => {
        question.value = null;
        asked.answer(yes);
    };
    return (
        <Dialog title={asked.title} onClose={() => close(false)}>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    close(true);
                }}
            >
                <div>{asked.text}</div>
                <div class="buttons">
                    <Button onClick={() => close(false)}>Cancel</Button>
                    <Button type="submit" kind={asked.danger ? 'danger' : 'primary'} autofocus>
                        {asked.yes}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}

export const askToLeave = () =>
    ask('Leave without saving?', 'What you have changed here is not saved yet.', 'Leave', true);

export interface NoticeAction {
    label: string; // a verb
    run: () => void;
}

const notices = signal<{ id: number; text: string; action: NoticeAction | undefined }[]>([]);
let noticeCount = 0;

const dropNotice = (id: number) => (notices.value = notices.value.filter((notice) => notice.id !== id));

// Says in a corner of the page that something was done; read aloud by screen readers. `action` offers the
// way back, and gives time to take it.
export function notify(text: string, action?: NoticeAction): void {
    const id = ++noticeCount;
    notices.value = [...notices.value.slice(-2), { id, text, action }];
    setTimeout(() => dropNotice(id), action ? 30000 : 6000);
}

export function NoticeHost() {
    return (
        <div class="notices" role="status" aria-live="polite">
            {notices.value.map(({ id, text, action }) => (
                <p key={id}>
                    {text}
                    {action && (
                        <button
                            type="button"
                            onClick={() => {
                                dropNotice(id);
                                action.run();
                            }}
                        >
                            {action.label}
                        </button>
                    )}
                </p>
            ))}
        </div>
    );
}
