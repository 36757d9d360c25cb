// Profiles: the list, one profile, and its text.
import type { ScreenProps } from './index';
import { mayChange } from '../lib/gateways';
import { place } from '../lib/router';
import { ProfileEditor } from './profiles/json-editor';
import { ProfileList } from './profiles/list';
import { ProfileView } from './profiles/profile';

export default function ProfilesScreen({ parts }: ScreenProps) {
    if (parts[0]) return <ProfileView key={parts[0]} name={parts[0]} />;
    if (place.value.query.has('new') && mayChange.value) return <ProfileEditor profile={null} etag={null} />;
    return <ProfileList />;
}
