// GuestABI
