const escapeRegex = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether an alarm's name matches a pattern, in which `*` stands for anything but a slash. */
export const matchesPattern = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split('*').map(escapeRegex).join('[^/]*')}$`).test(name);
