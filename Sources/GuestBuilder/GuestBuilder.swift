// GuestBuilder
