/** Whether a text between two slashes matches a part of a pattern: its pieces between stars, in their order. */
const matchesPart = (part: string, text: string): boolean => {
  const [first = '', ...others] = part.split('*');
  const last = others.pop();
  if (last === undefined) return part === text;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  // Without backtracking: a pattern with many stars would take it forever.
  let from = first.length;
  return others.every((piece) => {
    const at = text.indexOf(piece, from);
    from = at + piece.length;
    return at !== -1 && from <= end;
  });
};

/** Whether an alarm's name matches a pattern, in which `*` stands for anything but a slash. */
export const matchesPattern = (pattern: string, name: string): boolean => {
  const [parts, texts] = [pattern.split('/'), name.split('/')];
  return parts.length === texts.length && parts.every((part, at) => matchesPart(part, texts[at] ?? ''));
};
