// What texts of fields may hold.

/** On one line: what holds a line end, NUL or less is no name that a list can show. */
export const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u
export const NOT_ONE_LINE = 'holds control characters'
