/** What makes a machine itself, and how a newborn one is given it. */
export { becomeMessage, converse, makeIdentity, type Identity } from "./identity.ts";
export { identityListener, identityUnit } from "./identity-listener.ts";
