// Members of objects whose names come from users and devices: "constructor" and "__proto__" are names like
// any other, and must not find what every object inherits.

export function hasMember(object: object, name: string): boolean {
    return Object.hasOwn(object, name);
}

export function memberOf<Value>(object: Readonly<Record<string, Value>> | null | undefined, name: string): Value | undefined {
    return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

// Sets a member of an object that nobody else uses yet.
export function setMember<Value>(object: Record<string, Value>, name: string, value: Value): void {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
