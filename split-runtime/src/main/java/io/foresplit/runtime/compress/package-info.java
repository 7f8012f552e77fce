/**
 * Makes what crosses a link in training smaller: the largest values of a tensor, rounded at random
 * to few levels, losslessly coded. Pure; knows neither links nor messages.
 */
@NullMarked
package io.foresplit.runtime.compress;

import org.jspecify.annotations.NullMarked;
