"""Other people's clients against the sandbox: installed by their own package managers, unpatched, over real sockets.

They run when `INTEROP_CLIENTS` names the folder they are installed in; `make interop` installs them and sets it.
"""
