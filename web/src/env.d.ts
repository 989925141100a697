/** Whether the development server adds an API key to every call; false in what is built. */
declare const __DEV_KEY__: boolean;
