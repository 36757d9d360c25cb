// The page: menu, banner of a lost connection, and the screen that the address names.
import { signal } from '@preact/signals';
import { Component, render, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { Problem } from './lib/api';
import { timeText } from './lib/format';
import { forgetLive, link, linkReason, loseLive, startLive, truthAt } from './lib/live';
import { linkTo, place } from './lib/router';
import { isSignedOut, isTokenLost, mayWrite, readSession, session, signOut } from './lib/session';
import { screens, type Screen, type ScreenProps } from './screens';
import { Button, Empty, Loading } from './ui/basic';
import { NoticeHost, QuestionHost } from './ui/dialog';
import { SignIn, SignInAgain } from './ui/signin';
import { RoleLine } from './ui/gateways';
import { StateMark } from './ui/state';

const loaded = signal<Record<string, ComponentType<ScreenProps>>>({});
const failed = signal<Record<string, string>>({});

async function loadScreen(screen: Screen): Promise<void> {
    try {
        const module = await screen.load!();
        loaded.value = { ...loaded.value, [screen.id]: module.default };
    } catch {
        failed.value = { ...failed.value, [screen.id]: 'This part of the page cannot be loaded. Is tagferry-api running? If it was updated, load the page again.' };
    }
}

// A fault in one screen leaves the menu and the other screens alone.
class Shield extends Component<{ children: ComponentChildren; of: string }, { fault: string }> {
    override state = { fault: '' };

    static getDerivedStateFromError(error: unknown) {
        return { fault: String(error) };
    }

    override componentDidUpdate(before: { of: string }) {
        if (before.of !== this.props.of && this.state.fault) this.setState({ fault: '' });
    }

    override componentDidCatch(error: unknown) {
        console.error(error);
    }

    override render() {
        if (!this.state.fault) return this.props.children;
        return (
            <Empty whole title="This screen has a fault">
                <p>{this.state.fault}</p>
                <Button onClick={() => location.reload()}>Load the page again</Button>
            </Empty>
        );
    }
}

function CurrentScreen() {
    const { parts } = place.value;
    const id = parts[0] ?? 'live';
    const screen = screens.find((one) => one.id === id);
    useEffect(() => {
        if (screen?.load && !loaded.value[id]) void loadScreen(screen);
    }, [id]);
    if (!screen)
        return (
            <Empty whole title="There is no such screen">
                <a href={linkTo('live')}>Live values</a>
            </Empty>
        );
    const View = screen.view ?? loaded.value[id];
    if (View)
        return (
            <Shield of={parts.join('/')}>
                <View parts={parts.slice(1)} />
            </Shield>
        );
    if (failed.value[id])
        return (
            <Empty whole title={screen.title || 'Not loaded'}>
                <p>{failed.value[id]}</p>
                <Button onClick={() => location.reload()}>Load the page again</Button>
            </Empty>
        );
    return <Loading />;
}

function Banner() {
    const lost = link.value === 'lost';
    if (!lost && !(link.value === 'connecting' && linkReason.value)) return null;
    return (
        <div class="banner" role="alert">
            <strong>No connection{lost && ` since ${timeText(truthAt.value)}`}.</strong> {linkReason.value} {lost ? 'All values are of that time.' : 'Trying again.'}
        </div>
    );
}

function Menu() {
    const id = place.value.parts[0] ?? 'live';
    const screen = screens.find((one) => one.id === id);
    const current = screen?.of ?? id;
    return (
        <nav class="menu" aria-label="Screens">
            {screens
                .filter((one) => one.title)
                .map((one) => (
                    <a key={one.id} href={linkTo(one.id)} aria-current={one.id === current ? 'page' : undefined}>
                        {one.title}
                    </a>
                ))}
        </nav>
    );
}

const startFault = signal('');

async function start(): Promise<void> {
    try {
        startFault.value = '';
        await readSession();
        if (session.value) startLive();
    } catch (error) {
        startFault.value = error instanceof Problem ? error.message : String(error);
        setTimeout(start, 2000);
    }
}

function Page() {
    useEffect(() => {
        if (isSignedOut.value) forgetLive();
        if (isTokenLost.value) loseLive('The access token is not accepted any more.');
    }, [isSignedOut.value, isTokenLost.value]);
    if (isSignedOut.value) return <SignIn onDone={startLive} />;
    if (!session.value)
        return startFault.value ? (
            <main class="signin">
                <Empty whole title="No connection">
                    <p>{startFault.value} Trying again.</p>
                </Empty>
            </main>
        ) : (
            <Loading />
        );
    return (
        <div class={`page ${link.value === 'lost' ? 'lost' : ''}`}>
            <header class="top">
                <a class="brand" href={linkTo('live')}>
                    Tagferry
                </a>
                <Menu />
                <div class="user">
                    <StateMark />
                    {session.value.tokens && (
                        <>
                            <span class="who">
                                {session.value.name}
                                {!mayWrite.value && ', read only'}
                            </span>
                            <Button kind="quiet" onClick={signOut}>
                                Sign out
                            </Button>
                        </>
                    )}
                </div>
            </header>
            <Banner />
            <RoleLine />
            <main>
                <CurrentScreen />
            </main>
            {isTokenLost.value && <SignInAgain onDone={startLive} onLeave={signOut} />}
            <QuestionHost />
            <NoticeHost />
        </div>
    );
}

render(<Page />, document.getElementById('page')!);
void start();
