/** How it is with a group of failures; see the glossary. The page has it too, which takes no schemas. */
export const GROUP_STATES = ['new', 'ongoing', 'regressed', 'resolved', 'muted'] as const;
