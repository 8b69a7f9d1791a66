// The only place where text becomes markup: pages of our own server, parsed into a document in which nothing runs.
const policy = globalThis.trustedTypes?.createPolicy("inert", { createHTML: (text) => text });

/** Returns the document that the text of a page describes; scripts in it never run, handlers are stopped by the CSP. */
export const parsed = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
