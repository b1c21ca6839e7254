const STORAGE_KEY = 'toolwatch-token';

/** The token this tab was given; nothing where the door wants none. */
export const readStoredToken = (): string | null => sessionStorage.getItem(STORAGE_KEY);

/** Asks for a token of whoever looks, and keeps it as long as the tab is open. */
export const TokenForm = ({ onToken }: { onToken: () => void }) => (
  <form
    class="token"
    onSubmit={(event) => {
      event.preventDefault();
      sessionStorage.setItem(STORAGE_KEY, String(new FormData(event.currentTarget).get('token')).trim());
      onToken();
    }}
  >
    <label for="token">This door wants a token of its issuer</label>
    <input id="token" name="token" type="password" autocomplete="off" required />
    <button type="submit">Look</button>
  </form>
);
