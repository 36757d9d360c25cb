// What the frame and the forms say of the role of this gateway.
import { timeText } from '../lib/format';
import { leader, ownGateway, readGateways } from '../lib/gateways';
import { gatewayErrors, wordsOf } from '../lib/remedies';
import { linkTo } from '../lib/router';
import { Empty, LeaderLink } from './basic';
import { usePolled } from './use';

const EVERY_MS = 3000;

// Below the head of the page: where the configuration is changed, and what is wrong with that.
export function RoleLine() {
    usePolled(readGateways, EVERY_MS, []);
    const error = ownGateway.value?.last_error;
    const url = leader.value;
    if (!url && !error) return null;
    return (
        <div class={`role-line${error ? ' warning' : ''}`} role="status">
            {url && (
                <>
                    This gateway follows <LeaderLink url={url} />: change the configuration there.
                </>
            )}{' '}
            {error && (
                <>
                    {wordsOf(gatewayErrors, error.code).title}
                    {error.at && `, since ${timeText(error.at)}`}. <a href={linkTo('system')}>What to do</a>
                </>
            )}
        </div>
    );
}

// Instead of a form that would be refused.
export function NoChange() {
    const url = leader.value;
    if (!url)
        return (
            <Empty whole title="Your token may only read">
                Ask for one that may write, or look at the values.
            </Empty>
        );
    return (
        <Empty whole title="The configuration is changed at the leader">
            <p>
                This gateway follows <LeaderLink url={url} />. What is changed there is here within a second.
            </p>
        </Empty>
    );
}
