// Learn: listens to topics of the broker, shows what comes, and makes devices and tags of what is ticked.
import { LearnStart } from './learn/start';
import { LearnDiscovery } from './learn/discovery';
import type { ScreenProps } from './index';

export default function LearnScreen({ parts }: ScreenProps) {
    const id = parts[0];
    return id ? <LearnDiscovery key={id} id={id} /> : <LearnStart />;
}
