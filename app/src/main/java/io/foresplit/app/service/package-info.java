/** The service, wired: broker, stages, view and console. */
@NullMarked
package io.foresplit.app.service;

import org.jspecify.annotations.NullMarked;
