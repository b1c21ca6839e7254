import { useEffect, useState } from 'preact/hooks';
import { type Address, onNavigation, readAddress } from './address.ts';

/** The present address; whoever uses it is rendered again when that changes. */
export const useAddress = (): Address => {
  const [search, setSearch] = useState(location.search);
  useEffect(() => onNavigation(() => setSearch(location.search)), []);
  return readAddress(search);
};
