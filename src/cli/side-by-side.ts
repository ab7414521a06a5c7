// Cells as lines of a terminal, column below column.

/** Each line as long as the others; the first is mostly the heads. */
export function sideBySide(lines: readonly (readonly string[])[]): readonly string[] {
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  return lines.map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}

/** On one line, without what a terminal would obey. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}
