/** A name of ours, quoted for SQL. @throws RangeError for anything but letters, digits and underscores: a mistake in our code */
export function identifier(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new RangeError(`not a plain identifier: ${name}`);
  return `\`${name}\``;
}
