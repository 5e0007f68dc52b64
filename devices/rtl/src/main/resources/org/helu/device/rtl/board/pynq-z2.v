// PYNQ-Z2: the 125 MHz of its Ethernet chip, halved; the serial line is on Pmod A, pins 2 (out) and 3
// (in) as Pmod UART modules have them, 1 Mbaud. The processors have no part in it.

`default_nettype none

module helu_board (
  input  wire sysclk,
  input  wire uart_rx,
  output wire uart_tx
);
  reg  half = 1'b0;
  wire clk;
  always @(posedge sysclk)
    half <= !half;
  BUFG buffer (.I(half), .O(clk));

  helu_shell #(.DIVIDER(62)) shell (.clk(clk), .rx(uart_rx), .tx(uart_tx));
endmodule

`default_nettype wire
