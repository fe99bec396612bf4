// Package gaussauth holds the password methods of GaussDB, which PostgreSQL
// does not have: what the server asks, what the client answers, and what the
// server keeps to check the answer. It is pure: bytes in, values out.
//
// The server asks by an AuthenticationRequest, whose code says the method and
// whose body depends on the protocol version that the client has announced:
//
//	code                announced  body after the code
//	5  MD5              any        4 bytes of salt
//	10 SHA256           3.0        int32 2, 64 hex digits of salt, 8 of token, 64 of server signature
//	                    3.50       int32 2, 64 hex digits of salt, 8 of token
//	                    3.51       int32 2, 64 hex digits of salt, 8 of token, int32 iterations
//	10 SHA256 over MD5  any        int32 1, 4 bytes of salt
//	11 MD5 over SHA256  any        64 hex digits of salt, 4 bytes of salt
//	13 SM3              any        int32 3, then as code 10
//
// Before 3.51 the iterations are not sent and are taken to be 2048; a user whose
// password is stored with more cannot log in. The codes 10 to 12 mean something
// else to PostgreSQL; [IsGaussDB] tells them apart.
//
// # SHA256
//
//	K          = PBKDF2-HMAC-SHA1(password, salt, iterations, 32)
//	ClientKey  = HMAC-SHA256(K, "Client Key")
//	StoredKey  = SHA256(ClientKey)
//	ServerKey  = HMAC-SHA256(K, "Sever Key"), spelled so
//	proof      = ClientKey XOR HMAC-SHA256(StoredKey, token)
//	signature  = HMAC-SHA256(ServerKey, token)
//
// The method resembles SCRAM and is weaker: from 3.50 on the server proves
// nothing, so that only TLS with verification tells a server from an impostor.
package gaussauth
