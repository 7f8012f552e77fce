/**
 * Who may speak to a process of the runtime, and how much: TLS, join token, names of certificates,
 * bounds of messages, calls, streams and connections, and what a node insists on for privacy.
 */
@NullMarked
package io.foresplit.runtime.security;

import org.jspecify.annotations.NullMarked;
